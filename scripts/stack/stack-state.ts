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

/** A resource whose creation was begun and whose end nobody has seen. */
export interface PendingCreation {
  readonly urn: string;
  readonly type: string;
  /** The name that the object itself was to have. */
  readonly name: string | undefined;
}

const exported = z.object({
  deployment: z.object({
    pending_operations: z
      .array(
        z.object({
          type: z.string(),
          resource: z.object({
            urn: z.string(),
            type: z.string(),
            inputs: z.object({ name: z.unknown() }).partial().default({}),
          }),
        }),
      )
      .default([]),
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

/** What a killed Pulumi was about to create, and what the state does not have. */
export async function readPendingCreations(stack: PreparedStack): Promise<readonly PendingCreation[]> {
  return pendingCreations(JSON.parse(await capturePulumi(["stack", "export"], stack)));
}

/** @param deployment what `pulumi stack export` prints */
export function pendingCreations(deployment: unknown): readonly PendingCreation[] {
  const { resources, pending_operations: operations } = exported.parse(deployment).deployment;
  // Pulumi keeps an operation as pending for good; by then a later run has made the resource.
  const made = new Set(resources.map(({ urn }) => urn));
  return operations
    .filter(({ type, resource }) => type === "creating" && !made.has(resource.urn))
    .map(({ resource: { urn, type, inputs } }) => ({
      urn,
      type,
      name: typeof inputs.name === "string" ? inputs.name : undefined,
    }));
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
