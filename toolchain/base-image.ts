import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { connectDocker, isNotFound } from "../lib/docker.ts";
import { messageOf, UserError } from "../lib/errors.ts";
import { settingDefaults } from "../lib/settings.ts";
import { cacheFolder, produceInto } from "./cache.ts";
import { aptInstall, canAptInstall } from "./apt.ts";
import { dockerEngineStep } from "./docker-engine.ts";
import { isKnownRefused, rememberRefusal } from "./downloads.ts";
import { importImage } from "./import-image.ts";
import { onPath } from "./installed.ts";
import { runTool, type Report } from "./run-tool.ts";
import type { Step } from "./step.ts";

/** The name of a base image that was made here, and not pulled. */
export const ownBaseImage = "ecosphere/debian:trixie-slim";

/** How long a registry that says nothing is waited for. */
const silenceMs = 10_000;

const debianKeys = "/usr/share/keyrings/debian-archive-keyring.gpg";

// Stands for Docker's registry in the memory of refusals; asked by the daemon, whose network may differ.
const registry = "docker://registry";

/**
 * The image to build on: the wanted one when it is on this machine. For the default, one of our own making is
 * as good, and the other way round: a stack keeps the name of the one that it was built on.
 */
export async function findBaseImage(wanted: string): Promise<string | undefined> {
  const alike = [settingDefaults.baseImage, ownBaseImage];
  const candidates = new Set(alike.includes(wanted) ? [wanted, ...alike] : [wanted]);
  const docker = await connectDocker();
  for (const name of candidates) {
    const found = await docker
      .getImage(name)
      .inspect()
      .then(
        () => true,
        (error: unknown) => {
          if (isNotFound(error)) return false;
          throw error;
        },
      );
    if (found) return name;
  }
  return undefined;
}

/** `debian@sha256:…` of an image on this machine that was pulled; undefined of one that was made here, or is not there. */
export async function digestOf(name: string): Promise<string | undefined> {
  const docker = await connectDocker();
  try {
    const { RepoDigests: digests } = await docker.getImage(name).inspect();
    return digests[0];
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function describeBaseImage(wanted: string): Promise<string | undefined> {
  const name = await findBaseImage(wanted);
  if (name === undefined) return undefined;
  const digest = (await digestOf(name)) ?? "made here, or loaded: it has no digest";
  return name.endsWith(digest.replace(/^.*@/, "@")) ? name : `${name} (${digest})`;
}

/** The step that has the base image `wanted`, or its likeness, in Docker. */
export function baseImageStep(wanted: string): Step {
  // Our own was never published: whoever has that name in a registry is a stranger.
  const name = wanted === ownBaseImage ? settingDefaults.baseImage : wanted;
  return {
    title: "base image",
    way: `${name}, pulled; or made by debootstrap, as root on Debian and Ubuntu (1 minute)`,
    find: () => describeBaseImage(wanted).catch(() => undefined),
    async get(report, waitFor) {
      await waitFor(dockerEngineStep.title);
      if ((await findBaseImage(wanted)) !== undefined) return;
      const refused = await pull(name, report);
      if (refused === undefined) return;
      if (name !== settingDefaults.baseImage) {
        throw new UserError(
          "base-image",
          `the image ${name} is not on this machine and cannot be pulled: ${refused}`,
          `Load it (docker load, docker pull), or use the default: ./ecosphere pulumi config set baseImage ${settingDefaults.baseImage}`,
        );
      }
      await make(refused, report);
    },
  };
}

/** Returns why it could not be pulled. */
async function pull(name: string, report: Report): Promise<string | undefined> {
  const isDefault = name === settingDefaults.baseImage;
  if (isDefault && isKnownRefused(registry)) return "the registry was refused lately";
  report(`pulling ${name}`);
  const docker = await connectDocker();
  const given = new AbortController();
  const silence = setTimeout(() => {
    given.abort();
  }, silenceMs);
  try {
    const stream = await docker.pull(name, { abortSignal: given.signal });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(
        stream,
        (error) => {
          if (error) reject(error);
          else resolve();
        },
        (event: unknown) => {
          silence.refresh();
          if (hasText(event, "status")) report(event.status);
          // What goes wrong after the answer has begun stands in the answer.
          if (hasText(event, "error")) reject(new Error(event.error));
        },
      );
      given.signal.addEventListener("abort", () => {
        reject(new Error(`nothing was heard for ${silenceMs / 1000} s`));
      });
    });
    return undefined;
  } catch (error) {
    const isSilent = given.signal.aborted;
    const reason = isSilent ? `nothing was heard for ${silenceMs / 1000} s` : messageOf(error);
    if (isDefault && (isSilent || isRefusal(reason))) rememberRefusal(registry);
    return reason;
  } finally {
    clearTimeout(silence);
  }
}

/** Whether the registry cannot be reached from here, or lets nobody in; not so a limit or a wrong name. */
export function isRefusal(reason: string): boolean {
  if (/toomanyrequests|rate limit|manifest unknown|not found/i.test(reason)) return false;
  return /dial tcp|lookup |no such host|unreachable|refused|reset by peer|time-?out|proxyconnect|x509|tls:|\bEOF\b|denied|forbidden|unauthorized/i.test(
    reason,
  );
}

async function make(refused: string, report: Report): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || (onPath("debootstrap").length === 0 && !canAptInstall())) {
    throw new UserError(
      "base-image",
      `the image ${settingDefaults.baseImage} cannot be pulled: ${refused}`,
      [
        "Bring it from elsewhere (docker save there, docker load here), or make it as root:",
        `  debootstrap --variant=minbase --include=ca-certificates trixie DIR && tar -C DIR -c . | docker import - ${ownBaseImage}`,
      ].join("\n"),
    );
  }
  await installDebootstrap(report);
  const root = join(cacheFolder(), "trixie");
  await produceInto(root, (partial) =>
    runTool({
      command: "debootstrap",
      args: ["--variant=minbase", "--include=ca-certificates", "trixie", partial],
      title: "debootstrap",
      onLine: report,
    }),
  );
  report("importing");
  await importImage(await connectDocker(), root, ownBaseImage);
  rmSync(root, { recursive: true, force: true });
}

async function installDebootstrap(report: Report): Promise<void> {
  const packages = [
    ...(onPath("debootstrap").length === 0 ? ["debootstrap"] : []),
    // Ubuntu does not have the keys of Debian.
    ...(existsSync(debianKeys) ? [] : ["debian-archive-keyring"]),
  ];
  if (packages.length === 0 || !canAptInstall()) return;
  report(`installing ${packages.join(" ")}`);
  await aptInstall(packages, report);
}

function hasText<Key extends string>(event: unknown, key: Key): event is Readonly<Record<Key, string>> {
  return typeof event === "object" && event !== null && typeof Reflect.get(event, key) === "string";
}
