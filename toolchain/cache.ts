import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, relative } from "node:path";

/** Where downloads and builds are kept: outside the checkout, shared by all checkouts. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env["ECOSPHERE_CACHE"]) return env["ECOSPHERE_CACHE"];
  return join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "ecosphere");
}

/** What a cached thing is made from; the key changes when and only when one of these does. */
export interface Inputs {
  /** Folders, by content and by the paths inside them; the place of the folder itself does not matter. */
  readonly folders?: readonly string[];
  readonly values?: readonly string[];
}

/** The folder of a cached thing: `<cache>/<name>-<key>`. It exists exactly when the thing is complete. */
export function cachePath(name: string, inputs: Inputs, cache = cacheFolder()): string {
  return join(cache, `${name}-${cacheKey(inputs)}`);
}

/** A short hash of the inputs and of the platform. */
export function cacheKey(inputs: Inputs): string {
  const hash = createHash("sha256").update(
    JSON.stringify([process.platform, process.arch, inputs.values ?? []]),
  );
  for (const folder of inputs.folders ?? []) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const file of files) {
      hash.update(`\0${relative(folder, file)}\0`).update(readFileSync(file));
    }
  }
  return hash.digest("hex").slice(0, 12);
}

/**
 * Fills `target` by `produce`, which is given an empty folder beside it; the folder takes the name only when
 * `produce` is done, so that an interruption leaves nothing that looks complete. What an earlier interrupted
 * run left is removed first.
 */
export async function produceInto(target: string, produce: (folder: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  const mark = `${basename(target)}.partial-`;
  for (const name of readdirSync(dirname(target))) {
    if (!name.startsWith(mark)) continue;
    const owner = Number(name.slice(mark.length).split("-")[0]);
    if (!isAlive(owner)) rmSync(join(dirname(target), name), { recursive: true, force: true });
  }
  const partial = join(dirname(target), `${mark}${process.pid}-${randomBytes(3).toString("hex")}`);
  mkdirSync(partial);
  try {
    await produce(partial);
    // Another run may have been faster; then its result is as good.
    if (!existsSync(target)) renameSync(partial, target);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
