import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { cacheFolder } from "./cache.ts";

const run = promisify(execFile);

/** A program found on the PATH, with what it said its version is. */
export interface InstalledTool {
  readonly path: string;
  readonly version: string;
}

/** Every executable of that name on the PATH, in its order. */
export function onPath(name: string, path = process.env["PATH"] ?? ""): string[] {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .filter((file) => {
      try {
        const stat = statSync(file);
        return stat.isFile() && (stat.mode & 0o111) !== 0;
      } catch {
        // A shell passes over a folder that is not there, is no folder or may not be read.
        return false;
      }
    });
}

/**
 * The first program of that name whose version is at least `oldest`. Asking costs a process, so the answer
 * is remembered until the file changes.
 */
export async function findInstalled(
  name: string,
  oldest: string,
  versionArguments: readonly string[],
): Promise<InstalledTool | undefined> {
  for (const path of onPath(name)) {
    const version = await versionOf(path, versionArguments);
    if (version !== undefined && isAtLeast(version, oldest)) return { path, version };
  }
  return undefined;
}

/** Compares dotted versions by number; what follows a hyphen does not count. */
export function isAtLeast(version: string, oldest: string): boolean {
  const numbers = (text: string): number[] => (text.split("-")[0] ?? "").split(".").map(Number);
  const [a, b] = [numbers(version), numbers(oldest)];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

async function versionOf(path: string, versionArguments: readonly string[]): Promise<string | undefined> {
  const stat = statSync(path);
  const key = `${path}\0${stat.size}\0${stat.mtimeMs}`;
  const known = remembered();
  if (known[key] !== undefined) return known[key];
  try {
    const { stdout } = await run(path, [...versionArguments], {
      timeout: 10_000,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true", GOTOOLCHAIN: "local" },
    });
    const version = /\d+\.\d+(\.\d+)?(-[\w.]+)?/.exec(stdout)?.[0];
    if (version !== undefined) remember({ ...known, [key]: version });
    return version;
  } catch {
    // It does not even say its version: as good as not installed.
    return undefined;
  }
}

const versions = z.record(z.string(), z.string());

function memory(): string {
  return join(cacheFolder(), "versions.json");
}

function remembered(): Record<string, string> {
  try {
    return versions.parse(JSON.parse(readFileSync(memory(), "utf8")));
  } catch {
    return {};
  }
}

function remember(known: Record<string, string>): void {
  const file = memory();
  if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(known));
  renameSync(`${file}.${process.pid}`, file);
}
