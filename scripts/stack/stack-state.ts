import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { parseStackOutputs, type StackOutputs } from "../../lib/stack-outputs.ts";
import { UserError } from "../../lib/errors.ts";
import { localBackend, usesLocalBackend } from "./environment.ts";
import { hasLocalState, type PreparedStack } from "./prepare-stack.ts";
import { capturePulumi } from "./run-pulumi.ts";
import { defaultStack } from "./stack-folder.ts";

/** A resource of a stack's state, as far as commands look at it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly protect: boolean;
}

const exported = z.object({
  deployment: z.object({
    resources: z
      .array(z.object({ urn: z.string(), type: z.string(), protect: z.boolean().default(false) }))
      .default([]),
  }),
});

/** What the stack tells. @throws UserError `not-deployed` */
export async function readOutputs(stack: PreparedStack | string): Promise<StackOutputs> {
  const name = typeof stack === "string" ? stack : stack.folder.stack;
  // Asked of Pulumi, it would be prepared first, and leave files of a stack that there never was.
  if (usesLocalBackend() && !hasLocalState(name)) {
    const option = name === defaultStack ? "" : ` --stack ${name}`;
    throw new UserError("not-deployed", `the stack ${name} is not deployed`, `Run ./ecosphere up${option}.`);
  }
  const text = await capturePulumi(["stack", "output", "--json", "--show-secrets"], stack);
  return parseStackOutputs(JSON.parse(text));
}

/** The resources of the stack's state, in the order of their creation. */
export async function readResources(stack: PreparedStack): Promise<readonly StateResource[]> {
  return exported.parse(JSON.parse(await capturePulumi(["stack", "export"], stack))).deployment.resources;
}

const lock = z.object({ pid: z.number().int().positive(), hostname: z.string() });

/**
 * Takes away the locks that a killed Pulumi has left on the stack in the default backend. A lock of a
 * process that lives, or of another host, stays. Returns how many went.
 */
export function clearDeadLocks(stack: string, backend = localBackend): number {
  const folder = join(backend, ".pulumi", "locks", "organization", "ecosphere", stack);
  if (!existsSync(folder)) return 0;
  let cleared = 0;
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(".json")) continue;
    const holder = lock.safeParse(JSON.parse(readFileSync(join(folder, name), "utf8")));
    if (!holder.success || holder.data.hostname !== hostname() || isAlive(holder.data.pid)) continue;
    rmSync(join(folder, name));
    rmSync(join(folder, `${name}.attrs`), { force: true });
    cleared++;
  }
  return cleared;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
