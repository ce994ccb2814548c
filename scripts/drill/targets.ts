import type { Connection } from "../../lib/connection.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";

/** An instance by its own port. */
export interface InstanceTarget {
  readonly name: string;
  /** As a login that writes, and whose number of sessions is not limited: one that waits for a replica stays. */
  readonly writer: Connection;
  /** As a login that sees everybody's sessions. */
  readonly monitor: Connection;
}

/** Where a drill connects, and as whom. */
export interface Targets {
  readonly rw: Connection;
  readonly ro: Connection;
  /** May make a schema. */
  readonly admin: Connection;
  readonly instances: readonly InstanceTarget[];
}

export function targetsOf(stack: StackOutputs): Targets {
  return {
    rw: connectionTo(stack, "rw", "app"),
    ro: connectionTo(stack, "ro", "reporting"),
    admin: connectionTo(stack, "admin", "admin"),
    instances: stack.instances.map(({ name }) => ({
      name,
      writer: connectionTo(stack, { instance: name }, "admin"),
      monitor: connectionTo(stack, { instance: name }, "monitoring"),
    })),
  };
}
