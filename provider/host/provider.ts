import type { Fault } from "../../lib/errors.ts";
import type { Properties } from "./values.ts";

/** A provider as its author writes it: plain values in and out, no gRPC, no secret envelopes. */
export interface Provider {
  readonly name: string;
  readonly version: string;
  /** The package schema that GetSchema answers (Pulumi's metaschema). Import needs each type in it. */
  readonly schema: Properties;
  /** Top-level configuration keys that are secret whatever the program says. */
  readonly secretConfig?: readonly string[];
  /** Static faults of the provider's own configuration, all of them. Unknown values are to be let pass. */
  checkConfig?(config: Properties): readonly Fault[];
  /** Called once, before any resource, and only when every value is known. Must not connect anywhere. */
  configure(config: Properties): Promise<void>;
  /** By full type token, `package:module:Type`. */
  readonly resources: ReadonlyMap<string, Resource>;
  /** The answer for any other type. */
  unsupported(token: string): Error;
}

/** What an operation can use of its surroundings. */
export interface Context {
  readonly urn: string;
  /** Aborted when the user presses Ctrl-C. */
  readonly signal: AbortSignal;
  /** The resource's customTimeout, 0 when it has none. */
  readonly timeoutMs: number;
  /** Shown beside the resource in the progress display. */
  warn(message: string): void;
  info(message: string): void;
}

/**
 * The life-cycle of one resource type. Errors that are thrown reach the user as they are, so they name the
 * object, what was found, and the fix; never a password.
 */
export interface Resource {
  /** Top-level properties, of inputs and outputs, that are stored encrypted whatever the program says. */
  readonly secrets?: readonly string[];
  /**
   * Whether the engine is to read it before each preview and update, so that drift shows without --refresh. Then
   * `read` has to survive a server that is down.
   */
  readonly refreshesBeforeUpdate?: boolean;
  /** Normalises the inputs and reports every fault at once. Values can be `unknown` in a preview. */
  check(news: Properties, context: Context): Promise<Checked>;
  diff(change: Change, context: Context): Promise<Diff>;
  /** In a preview nothing may change; outputs not known yet are `unknown`. */
  create(inputs: Properties, preview: boolean, context: Context): Promise<Created>;
  /**
   * The object as it is. `known` is absent in an import. Undefined: it does not exist.
   * A server that cannot be reached must not throw when `known` is there: warn and answer what is known, or
   * a stack whose database is down can be neither previewed nor destroyed.
   */
  read(id: string, known: Known | undefined, context: Context): Promise<Found | undefined>;
  /** In a preview nothing may change. Returns the outputs. */
  update(change: Change, preview: boolean, context: Context): Promise<Properties>;
  delete(id: string, known: Known, context: Context): Promise<void>;
}

export interface Checked {
  readonly inputs: Properties;
  readonly faults: readonly Fault[];
}

/** What the state holds of a resource. */
export interface Known {
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** A wanted change of an existing resource: `old` from the state (refreshed), `news` from the program. */
export interface Change {
  readonly id: string;
  readonly old: Known;
  readonly news: Properties;
}

/** What differs, by property path (`columns[2].type`). No entry: no change. */
export interface Diff {
  readonly changes: ReadonlyMap<string, "add" | "update" | "delete">;
  /** Top-level properties that force a replacement. */
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
}

export interface Created {
  readonly id: string;
  readonly outputs: Properties;
}

export interface Found {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/**
 * Thrown by create and update when the object exists but a later step failed: the engine keeps it in the state
 * with these outputs, and the next `up` calls update, changed or not. The outputs must hold no secret.
 */
export class Unfinished extends Error {
  override readonly name = "Unfinished";
  readonly id: string;
  readonly outputs: Properties;

  constructor(id: string, outputs: Properties, message: string) {
    super(message);
    this.id = id;
    this.outputs = outputs;
  }
}
