import type { Client } from "pg";
import { withClient } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import { connectionTo, type LoginName, type StackOutputs } from "../../lib/stack-outputs.ts";

/** An endpoint by name, or one instance. */
export type Place = Parameters<typeof connectionTo>[1];

const begin = {
  /** Sees each statement's own moment: for waiting. */
  read: "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
  /** Sees one moment throughout. */
  snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
  /** For writes that must fail, and that would be rolled back if they did not. A replica makes it read-only by itself. */
  "try-write": "BEGIN ISOLATION LEVEL READ COMMITTED",
} as const;

/** One instance as a monitoring session sees it. `error`: it cannot be reached. */
export type InstanceState =
  { readonly name: string; readonly inRecovery: boolean } | { readonly name: string; readonly error: string };

/** The one primary, and all others. */
export interface Topology {
  readonly primary: string;
  readonly others: readonly InstanceState[];
}

/** What a check works with: sessions that end with it, each one transaction that is rolled back. */
export class CheckContext {
  readonly stack: StackOutputs;
  readonly #open = new Set<Client>();
  readonly #statementTimeoutMs: number;
  readonly #aborting = new AbortController();

  constructor(stack: StackOutputs, statementTimeoutMs: number) {
    this.stack = stack;
    this.#statementTimeoutMs = statementTimeoutMs;
  }

  /** Aborted when the check has taken too long. */
  get signal(): AbortSignal {
    return this.#aborting.signal;
  }

  /** Everything in one transaction, so that it also holds behind a pooler. @throws with the place in the message */
  async transaction<T>(
    where: Place,
    who: LoginName,
    mode: keyof typeof begin,
    work: (client: Client) => Promise<T>,
  ): Promise<T> {
    try {
      return await withClient(connectionTo(this.stack, where, who), "ecosphere-check", async (client) => {
        this.signal.throwIfAborted();
        this.#open.add(client);
        try {
          await client.query(begin[mode]);
          // In place of the login's own limits. A check that hangs is given up as a whole.
          await client.query(
            `SET LOCAL statement_timeout TO ${this.#statementTimeoutMs}; SET LOCAL idle_in_transaction_session_timeout TO 0`,
          );
          return await work(client);
        } finally {
          await client.query("ROLLBACK").catch(() => undefined);
          this.#open.delete(client);
        }
      });
    } catch (error) {
      throw new Error(`${describePlace(where)} as ${who}: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Ends every session at once, so that whatever waits for an answer fails. */
  abort(): void {
    this.#aborting.abort(new Error("the check was given up"));
    for (const client of this.#open) void client.end();
  }

  /** Asks each instance. @throws when not exactly one of them takes writes */
  async topology(): Promise<Topology> {
    const states = await Promise.all(this.stack.instances.map(({ name }) => this.#stateOf(name)));
    const primaries = states.filter((state) => "inRecovery" in state && !state.inRecovery);
    const [primary] = primaries;
    if (!primary || primaries.length > 1) {
      const what = primary
        ? `${primaries.map(({ name }) => name).join(" and ")} both take writes: the cluster is split`
        : `no instance is the primary: ${states.map(describeState).join("; ")}`;
      throw new Error(what);
    }
    return { primary: primary.name, others: states.filter((state) => state !== primary) };
  }

  async #stateOf(name: string): Promise<InstanceState> {
    try {
      return await this.transaction({ instance: name }, "monitoring", "read", async (client) => {
        const { rows } = await client.query<{ recovery: boolean }>("SELECT pg_is_in_recovery() AS recovery");
        return { name, inRecovery: rows[0]?.recovery ?? false };
      });
    } catch (error) {
      return { name, error: messageOf(error) };
    }
  }
}

/** The replicas that can be asked, and a fault for each instance that cannot. */
export function reachable({ others }: Topology): { readonly replicas: string[]; readonly faults: string[] } {
  return {
    replicas: others.filter((state) => "inRecovery" in state).map(({ name }) => name),
    faults: others.filter((state) => "error" in state).map(describeState),
  };
}

function describeState(state: InstanceState): string {
  return "error" in state ? `${state.name} cannot be reached (${state.error})` : `${state.name} is a replica`;
}

function describePlace(where: Place): string {
  return typeof where === "string" ? where : where.instance;
}
