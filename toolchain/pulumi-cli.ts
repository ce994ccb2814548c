import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "../lib/paths.ts";
import { cachePath } from "./cache.ts";
import { findInstalled, onPath } from "./installed.ts";
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

function describe(path: string, version: string, source: PulumiCli["source"]): PulumiCli {
  const host = "pulumi-language-nodejs";
  const hasLanguageHost = existsSync(join(dirname(realpathSync(path)), host)) || onPath(host).length > 0;
  return { path, version, source, hasLanguageHost };
}
