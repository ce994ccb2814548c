import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "../lib/paths.ts";
import { cachePath, produceInto } from "./cache.ts";
import { canDownload, downloadTimeoutMs, pulumiDownloads, rememberRefusal } from "./downloads.ts";
import { goBuild } from "./go.ts";
import { findInstalled, onPath } from "./installed.ts";
import { runTool, type Report } from "./run-tool.ts";
import type { Step } from "./step.ts";
import { pulumiVersion } from "./versions.ts";

/** A Pulumi CLI that can be used, and where it came from. */
export interface PulumiCli {
  readonly path: string;
  readonly version: string;
  readonly source: "installed" | "release" | "built";
  /** A release has the Node language host beside it; a CLI that was built here has none. */
  readonly hasLanguageHost: boolean;
}

/** Where the release of Pulumi is unpacked, and where one that was built is kept. */
export function pulumiCliFolders(): { readonly release: string; readonly built: string } {
  return {
    release: cachePath("pulumi-release", { values: [pulumiVersion] }),
    built: cachePath("pulumi-built", {
      folders: [join(projectRoot, "toolchain", "cli")],
      values: [pulumiVersion],
    }),
  };
}

/** An installed CLI that is new enough, else one from the cache. */
export async function findPulumiCli(): Promise<PulumiCli | undefined> {
  const folders = pulumiCliFolders();
  const installed = await findInstalled("pulumi", pulumiVersion, ["version"]);
  if (installed) return describe(installed.path, installed.version, "installed");
  const release = join(folders.release, "bin", "pulumi");
  if (existsSync(release)) return describe(release, pulumiVersion, "release");
  const built = join(folders.built, "pulumi");
  if (existsSync(built)) return describe(built, pulumiVersion, "built");
  return undefined;
}

/** The step that gets the CLI. */
export const pulumiCliStep: Step = {
  title: "Pulumi CLI",
  way: `the release ${pulumiVersion}, or a build of it with Go (5 minutes)`,
  async find() {
    const cli = await findPulumiCli();
    return cli && `${cli.version}, ${cli.source}: ${cli.path}`;
  },
  async get(report) {
    if (!(await getRelease(report))) await build(report);
  },
};

/** Whether the official release could be installed. */
async function getRelease(report: Report): Promise<boolean> {
  report("asking for the release");
  const installer = `${pulumiDownloads}/install.sh`;
  if (!(await canDownload(installer))) return false;
  report(`downloading ${pulumiVersion}`);
  try {
    await produceInto(pulumiCliFolders().release, (partial) =>
      runTool({
        command: process.execPath,
        args: ["--no-warnings", join(projectRoot, "toolchain", "install-pulumi.ts"), partial],
        title: "install Pulumi",
        timeoutMs: downloadTimeoutMs,
        onLine: report,
      }),
    );
    return true;
  } catch {
    // The installer was let in, and what it downloads was not or did not come.
    rememberRefusal(installer);
    return false;
  }
}

async function build(report: Report): Promise<void> {
  const version = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pulumiVersion}`;
  await produceInto(pulumiCliFolders().built, (partial) =>
    goBuild({
      title: "build the Pulumi CLI",
      module: join(projectRoot, "toolchain", "cli"),
      target: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      output: join(partial, "pulumi"),
      linkerFlags: version,
      report,
    }),
  );
}

function describe(path: string, version: string, source: PulumiCli["source"]): PulumiCli {
  const host = "pulumi-language-nodejs";
  const hasLanguageHost = existsSync(join(dirname(realpathSync(path)), host)) || onPath(host).length > 0;
  return { path, version, source, hasLanguageHost };
}
