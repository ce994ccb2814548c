import { setTimeout as pause } from "node:timers/promises";
import type { QueryResult, QueryResultRow } from "pg";
import { nearest } from "./choose.ts";
import { faultOf, Unavailable } from "./faults.ts";
import type { Instance } from "./instance.ts";
import { hasReached } from "./instance-state.ts";
import type { Mark } from "./lsn.ts";
import { toConfig, type Query } from "./query.ts";
import type { Topology } from "./topology.ts";

/** One read, with as many attempts as it is given. */
export class Reader {
  readonly #topology: Topology;
  readonly #replayWaitMs: number;
  readonly #mark: Mark | undefined;
  /** The instances that have failed it. */
  readonly #avoided = new Set<Instance>();

  constructor(topology: Topology, replayWaitMs: number, mark: Mark | undefined) {
    this.#topology = topology;
    this.#replayWaitMs = replayWaitMs;
    this.#mark = mark;
  }

  async attempt<Row extends QueryResultRow>(query: string | Query, until: number): Promise<QueryResult<Row>> {
    const mark = this.#mark;
    const instance = mark ? await this.#instanceWith(mark, until) : this.#anyInstance();
    if (!instance) {
      // By the next attempt they may be well again.
      this.#avoided.clear();
      throw this.#topology.whyNone("instance to read from");
    }
    try {
      return await instance.use("reads", until, (lease) => {
        if (mark && !hasReached(instance.stateOn(lease), mark)) {
          throw new Unavailable("elsewhere", `${instance.describe()}, which is before the write`);
        }
        return lease.client.query<Row>(toConfig(query));
      });
    } catch (error) {
      if (faultOf(error) !== "final") this.#avoided.add(instance);
      throw error;
    }
  }

  #anyInstance(): Instance | undefined {
    return nearest(this.#fitReplicas(), performance.now()) ?? this.#primary();
  }

  /** A replica that is known to have the write, or soon has; else the primary. */
  async #instanceWith(mark: Mark, until: number): Promise<Instance | undefined> {
    const replicas = this.#fitReplicas();
    const known = replicas.filter(({ state }) => state && hasReached(state, mark));
    return (
      nearest(known, performance.now()) ??
      (await this.#firstToReach(mark, replicas, until)) ??
      this.#primary()
    );
  }

  async #firstToReach(
    mark: Mark,
    replicas: readonly Instance[],
    until: number,
  ): Promise<Instance | undefined> {
    const withinMs = Math.min(this.#replayWaitMs, until - performance.now());
    const end = performance.now() + withinMs;
    // One that is silent is not waited for any longer than one that is behind.
    const enough = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      enough.resolve(undefined);
    }, withinMs);
    try {
      for (let waitMs = 1; replicas.length > 0; waitMs *= 2) {
        const asked = replicas.map(async (instance) => {
          const state = await instance.observe();
          return state && hasReached(state, mark) ? instance : Promise.reject(new Error("not yet"));
        });
        // The first that says so, which is the nearest as things are.
        const first = await Promise.race([Promise.any(asked).catch(() => undefined), enough.promise]);
        if (first || performance.now() + waitMs >= end) return first;
        await pause(waitMs);
      }
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  #fitReplicas(): Instance[] {
    const replicas = this.#topology.fitReplicas();
    return this.#avoided.size === 0 ? replicas : replicas.filter((instance) => !this.#avoided.has(instance));
  }

  #primary(): Instance | undefined {
    const primary = this.#topology.primary();
    return primary && !this.#avoided.has(primary) ? primary : undefined;
  }
}
