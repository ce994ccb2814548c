import { z } from "zod";
import { parseStackOutputs, type StackOutputs } from "../../lib/stack-outputs.ts";
import { UserError } from "../../lib/errors.ts";
import { usesLocalBackend } from "./environment.ts";
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
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          protect: z.boolean().default(false),
          /** What is gone already, and has no replacement yet. */
          pendingReplacement: z.boolean().default(false),
          /** What has been replaced, and is still to go. */
          delete: z.boolean().default(false),
        }),
      )
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

/** The resources of the stack's state in the order of their creation, and what a killed Pulumi was about to create beside them. */
export async function readDeployment(
  stack: PreparedStack,
): Promise<{ readonly resources: readonly StateResource[]; readonly pending: readonly PendingCreation[] }> {
  const deployment: unknown = JSON.parse(await capturePulumi(["stack", "export"], stack));
  const { resources } = exported.parse(deployment).deployment;
  return { resources, pending: pendingCreations(deployment) };
}

/** @param deployment what `pulumi stack export` prints */
export function pendingCreations(deployment: unknown): readonly PendingCreation[] {
  const { resources, pending_operations: operations } = exported.parse(deployment).deployment;
  // Pulumi keeps an operation as pending for good; by then a later run has made the resource.
  const made = new Set(
    resources.flatMap(({ urn, pendingReplacement, delete: isToGo }) =>
      pendingReplacement || isToGo ? [] : [urn],
    ),
  );
  return operations
    .filter(({ type, resource }) => type === "creating" && !made.has(resource.urn))
    .map(({ resource: { urn, type, inputs } }) => ({
      urn,
      type,
      name: typeof inputs.name === "string" ? inputs.name : undefined,
    }));
}
