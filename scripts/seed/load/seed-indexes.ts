import type { Client } from "pg";
import { shareOut } from "../../../lib/all-ended.ts";
import { secondaryIndexes } from "../../../lib/commerce-model.ts";
import type { Connection } from "../../../lib/connection.ts";
import { UserError } from "../../../lib/errors.ts";
import { codeOf } from "../../../lib/unreachable.ts";
import {
  definitionOf,
  guard,
  guardedNotice,
  readMissing,
  readPlainIndexes,
  type IndexDefinition,
} from "./index-sql.ts";
import { sessionSettings } from "../seed-sql.ts";
import { SteadySession } from "./steady-session.ts";

const modelled = secondaryIndexes.map(definitionOf);

/**
 * The indexes beside the primary keys: dropped while many rows come in, and made afterwards, which is less work for the
 * primary, and for the replicas too. A statement on the server watches over them meanwhile: it makes them again
 * when this process is killed. Done as the tables' owner, since nobody else may.
 */
export class SeedIndexes implements AsyncDisposable {
  readonly #sessions: readonly SteadySession[];
  readonly #first: SteadySession;
  readonly #guard: SteadySession;
  #wanted: readonly IndexDefinition[] = [];

  /** @param owner who may make indexes on the tables */
  constructor(owner: Connection, waiting: (reason: string) => void) {
    const open = (): SteadySession => new SteadySession(owner, sessionSettings, waiting);
    this.#first = open();
    this.#sessions = [this.#first, open()];
    this.#guard = new SteadySession(owner, sessionSettings, () => undefined);
  }

  /**
   * Drops what can be made again exactly as it is, unless another session holds a table for long; from then on the
   * server watches, also over those that a seed before this one has left away.
   * @param drops whether there is enough to come for that
   * @param isResumed whether there may be a seed before
   */
  async setAside({ drops, isResumed }: { drops: boolean; isResumed: boolean }): Promise<void> {
    const names = modelled.map(({ name }) => name);
    const missing = isResumed ? await this.#first.use((client) => readMissing(client, modelled)) : [];
    const there = drops ? await this.#first.use((client) => readPlainIndexes(client, names)) : [];
    this.#wanted = [...there, ...missing];
    if (this.#wanted.length === 0) return;
    try {
      await this.#watch(there);
    } catch (error) {
      if (!isLocked(error)) throw error;
      this.#wanted = missing;
    }
  }

  /** Starts the statement that watches, and returns once it has dropped `there`. */
  async #watch(there: readonly IndexDefinition[]): Promise<void> {
    const watches = Promise.withResolvers<true>();
    let toDrop = there;
    const ended = this.#guard.use(async (client) => {
      client.on("notice", ({ message }) => {
        if (message !== guardedNotice) return;
        // Begun again after a failover, it would drop what has been made already.
        toDrop = [];
        watches.resolve(true);
      });
      await client.query(guard(this.#wanted, toDrop));
    });
    // Its end is nobody's concern once it has begun: whoever goes on makes the indexes, watched or not.
    ended.then(() => {
      watches.resolve(true);
    }, watches.reject);
    await watches.promise;
  }

  /**
   * Makes those that are away until all are there: an asynchronous cluster may lose some in a failover.
   * @param ready waited for before each
   * @param making told of each when it begins
   * @throws UserError `seed-locked`
   */
  async putBack(ready: () => Promise<void>, making: (what: string) => void): Promise<void> {
    for (;;) {
      const left = await this.#first.use((client) => readMissing(client, this.#wanted));
      if (left.length === 0) return;
      await shareOut(this.#sessions, left, async (session, index, at) => {
        making(`index ${at + 1} of ${left.length} is being made: ${index.name}`);
        await ready();
        await session.use((client) => make(client, index));
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#guard, ...this.#sessions].map((session) => session.close()));
  }
}

async function make(client: Client, index: IndexDefinition): Promise<void> {
  try {
    await client.query(index.create);
  } catch (error) {
    if (isNameTaken(error)) return;
    if (!isLocked(error)) throw error;
    throw new UserError(
      "seed-locked",
      `the index ${index.name} cannot be made: another transaction writes to its table, and does not end`,
      "All rows are in. End that transaction and run ./ecosphere seed again, which makes what is missing.",
    );
  }
}

/** It was made before the connection was lost, or just now by a session whose connection was lost. */
function isNameTaken(error: unknown): boolean {
  return ["42P07", "23505"].includes(codeOf(error) ?? "");
}

function isLocked(error: unknown): boolean {
  return codeOf(error) === "55P03";
}
