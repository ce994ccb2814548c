import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../lib/errors.ts";
import { projectRoot } from "../lib/paths.ts";
import { cachePath, produceInto } from "./cache.ts";
import {
  canDownload,
  downloadTimeoutMs,
  isKnownRefused,
  pulumiDownloads,
  rememberRefusal,
} from "./downloads.ts";
import { goBuild } from "./go.ts";
import { onPath } from "./installed.ts";
import { findPulumiCli, pulumiCliStep } from "./pulumi-cli.ts";
import { hasUserPlugin, linkPlugin, linkUserPlugins, placeStandIn, pluginFolderName } from "./pulumi-home.ts";
import { runTool, type Report } from "./run-tool.ts";
import type { Step, WaitFor } from "./step.ts";
import { pluginVersions, type PluginName } from "./versions.ts";

const names = ["docker", "postgresql", "random", "tls"] as const satisfies readonly PluginName[];

/**
 * Puts every plugin that is on this machine into the project's PULUMI_HOME. Returns where each comes from;
 * one that has to be got is left out.
 */
export function placePlugins(): ReadonlyMap<PluginName, string> {
  linkUserPlugins();
  const places = new Map<PluginName, string>();
  for (const name of names) {
    const place = placePlugin(name);
    if (place !== undefined) places.set(name, place);
  }
  return places;
}

/** One step for each plugin that the program uses. */
export const pluginSteps: readonly Step[] = names.map((name) => ({
  title: stepTitle(name),
  way:
    name === "docker"
      ? `the release ${pluginVersions.docker}, or a build of it with Go (2 minutes)`
      : `the release ${pluginVersions[name]}, or the project's stand-in`,
  find: async () => {
    const place = placePlugins().get(name);
    return place && `${pluginVersions[name]}, ${place}`;
  },
  get: async (report, waitFor) => {
    if (await getRelease(name, report, waitFor)) return;
    if (name !== "docker") return;
    // Two builds at once take longer than one after the other.
    await waitFor(pulumiCliStep.title);
    await buildDockerPlugin(report);
  },
}));

/** The titles of the steps that build with Go what cannot be downloaded. */
export const builtSteps: readonly string[] = [pulumiCliStep.title, stepTitle("docker")];

function stepTitle(name: PluginName): string {
  return `${name} plugin`;
}

function placePlugin(name: PluginName): string | undefined {
  const executable = `pulumi-resource-${name}`;
  // Pulumi itself prefers the PATH.
  const [ambient] = onPath(executable);
  if (ambient !== undefined) return `installed: ${ambient}`;
  if (hasUserPlugin(name)) return "installed";
  const release = join(releaseFolder(name), "plugins", pluginFolderName(name));
  if (existsSync(release)) {
    linkPlugin(pluginFolderName(name), release);
    return "release";
  }
  if (name === "docker") {
    if (!existsSync(builtFolder())) return undefined;
    linkPlugin(pluginFolderName(name), builtFolder());
    return "built";
  }
  if (!isKnownRefused(pulumiDownloads)) return undefined;
  placeStandIn(name);
  return "the project's stand-in";
}

/** Whether the official plugin could be installed, by Pulumi itself, into the cache. */
async function getRelease(name: PluginName, report: Report, waitFor: WaitFor): Promise<boolean> {
  report("asking for the release");
  if (!(await canDownload(`${pulumiDownloads}/install.sh`))) return false;
  await waitFor(pulumiCliStep.title);
  const cli = await findPulumiCli();
  if (!cli) throw new UserError("no-pulumi", "the Pulumi CLI is needed to install a plugin");
  report(`downloading ${pluginVersions[name]}`);
  try {
    await produceInto(releaseFolder(name), (partial) =>
      runTool({
        command: cli.path,
        args: ["plugin", "install", "resource", name, pluginVersions[name]],
        title: `install the ${name} plugin`,
        env: { ...process.env, PULUMI_HOME: partial, PULUMI_SKIP_UPDATE_CHECK: "true" },
        timeoutMs: downloadTimeoutMs,
        onLine: report,
      }),
    );
    return true;
  } catch {
    rememberRefusal(pulumiDownloads);
    return false;
  }
}

async function buildDockerPlugin(report: Report): Promise<void> {
  await produceInto(builtFolder(), (partial) =>
    goBuild({
      title: "build the docker plugin",
      module: dockerPluginSource,
      target: ".",
      output: join(partial, "pulumi-resource-docker"),
      report,
    }),
  );
}

const dockerPluginSource = join(projectRoot, "toolchain", "docker-plugin");

function builtFolder(): string {
  return cachePath("plugin-docker-built", { folders: [dockerPluginSource], values: [pluginVersions.docker] });
}

function releaseFolder(name: PluginName): string {
  return cachePath(`plugin-${name}-release`, { values: [pluginVersions[name]] });
}
