import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../lib/errors.ts";
import { localBackend } from "./environment.ts";

/** Whoever holds a lock, as far as the lock tells. */
export interface LockHolder {
  readonly pid?: number | undefined;
  /** Undefined: this host. */
  readonly host?: string | undefined;
}

/** What `clearDeadLocks` found. */
export interface Locks {
  /** How many locks of killed processes went. */
  readonly cleared: number;
  /** Those that stay: of a process that lives, of another host, or of nobody knows whom. */
  readonly held: readonly LockHolder[];
}

const lock = z.object({ pid: z.number().int().positive(), hostname: z.string() });

/** Takes away the locks that a killed Pulumi has left on the stack in the default backend, and no other. */
export function clearDeadLocks(stack: string, backend = localBackend): Locks {
  const folder = join(backend, ".pulumi", "locks", "organization", "ecosphere", stack);
  const held: LockHolder[] = [];
  let cleared = 0;
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!name.endsWith(".json")) continue;
    const path = join(folder, name);
    const holder = lock.safeParse(readLock(path));
    if (!holder.success) {
      // It may have been given back since the folder was read.
      if (existsSync(path)) held.push({});
      continue;
    }
    const { pid, hostname: host } = holder.data;
    if (host !== hostname()) held.push({ pid, host });
    else if (isAlive(pid)) held.push({ pid });
    else {
      rmSync(path, { force: true });
      rmSync(`${path}.attrs`, { force: true });
      cleared++;
    }
  }
  return { cleared, held };
}

/** @throws UserError `stack-locked` when somebody holds a lock */
export function refuseHeld(stack: string, held: readonly LockHolder[]): void {
  const [first] = held;
  if (!first) return;
  const host = first.host === undefined ? "" : ` on ${first.host}`;
  const who = first.pid === undefined ? "another run" : `another run, process ${first.pid}${host},`;
  throw new UserError(
    "stack-locked",
    `${who} is at work on the stack ${stack}`,
    [
      "Wait for it to end. If it has ended already, take its lock away:",
      `  ./ecosphere pulumi cancel --yes --stack ${stack}`,
    ].join("\n"),
  );
}

function readLock(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
