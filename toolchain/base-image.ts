import { rmSync } from "node:fs";
import { join } from "node:path";
import { connectDocker, isNotFound } from "../lib/docker.ts";
import { messageOf, UserError } from "../lib/errors.ts";
import { settingDefaults } from "../lib/settings.ts";
import { cacheFolder, produceInto } from "./cache.ts";
import { aptInstall, dockerEngineStep } from "./docker-engine.ts";
import { isKnownRefused, rememberRefusal } from "./downloads.ts";
import { onPath } from "./installed.ts";
import { runTool, type Report } from "./run-tool.ts";
import type { Step } from "./step.ts";

/** The name of a base image that was made here, and not pulled. */
export const ownBaseImage = `ecosphere/${settingDefaults.baseImage}`;

/** How long a registry that says nothing is waited for. */
const silenceMs = 10_000;

// Stands for Docker's registry in the memory of refusals; asked by the daemon, whose network may differ.
const registry = "docker://registry";

/** The image to build on: the wanted one when it is on this machine, else one of our own making. */
export async function findBaseImage(wanted: string): Promise<string | undefined> {
  const candidates = wanted === settingDefaults.baseImage ? [wanted, ownBaseImage] : [wanted];
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

/** The step that has the base image `wanted`, or its likeness, in Docker. */
export function baseImageStep(wanted: string): Step {
  return {
    title: "base image",
    way: `${wanted}, pulled; or made by debootstrap, as root on Debian and Ubuntu (1 minute)`,
    find: () => findBaseImage(wanted).catch(() => undefined),
    async get(report, waitFor) {
      await waitFor(dockerEngineStep.title);
      if ((await findBaseImage(wanted)) !== undefined) return;
      const refused = await pull(wanted, report);
      if (refused === undefined) return;
      if (wanted !== settingDefaults.baseImage) {
        throw new UserError(
          "base-image",
          `the image ${wanted} is not on this machine and cannot be pulled: ${refused}`,
          `Load it (docker load, docker pull), or use the default: ./ecosphere pulumi config set baseImage ${settingDefaults.baseImage}`,
        );
      }
      await make(refused, report);
    },
  };
}

/** Returns why it could not be pulled. */
async function pull(name: string, report: Report): Promise<string | undefined> {
  if (isKnownRefused(registry) && name === settingDefaults.baseImage)
    return "the registry was refused lately";
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
          if (isStatus(event)) report(event.status);
        },
      );
      given.signal.addEventListener("abort", () => {
        reject(new Error(`nothing was heard for ${silenceMs / 1000} s`));
      });
    });
    return undefined;
  } catch (error) {
    rememberRefusal(registry);
    return given.signal.aborted ? `nothing was heard for ${silenceMs / 1000} s` : messageOf(error);
  } finally {
    clearTimeout(silence);
  }
}

async function make(refused: string, report: Report): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || (onPath("debootstrap").length === 0 && onPath("apt-get").length === 0)) {
    throw new UserError(
      "base-image",
      `the image ${settingDefaults.baseImage} cannot be pulled: ${refused}`,
      [
        "Bring it from elsewhere (docker save there, docker load here), or make it as root:",
        `  debootstrap --variant=minbase --include=ca-certificates trixie DIR && tar -C DIR -c . | docker import - ${ownBaseImage}`,
      ].join("\n"),
    );
  }
  if (onPath("debootstrap").length === 0) {
    report("installing debootstrap");
    await aptInstall(["debootstrap"], report);
  }
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
  await runTool({
    command: "sh",
    args: ["-c", 'tar -C "$1" -c . | docker import - "$2"', "sh", root, ownBaseImage],
    title: "import the base image",
  });
  rmSync(root, { recursive: true, force: true });
}

function isStatus(event: unknown): event is { readonly status: string } {
  return typeof event === "object" && event !== null && "status" in event && typeof event.status === "string";
}
