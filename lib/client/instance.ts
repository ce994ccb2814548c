import type { ClientBase, Pool, PoolConfig } from "pg";
import { steadyPool } from "../connection-pool.ts";
import { messageOf } from "../errors.ts";
import type { Candidate } from "./choose.ts";
import { OutcomeUnknown } from "./errors.ts";
import { faultOf, Unavailable } from "./faults.ts";
import { askState, type InstanceState } from "./instance-state.ts";
import { Lease } from "./lease.ts";
import { formatLsn } from "./lsn.ts";
import { Watch } from "./watch.ts";

/** What a connection is lent for. Each has a pool, so that neither waits for the other's connections. */
export type Purpose = "reads" | "writes";

/** One instance: how it is, and the connections to it. */
export class Instance implements Candidate {
  readonly name: string;
  readonly counts: Record<Purpose, number> = { reads: 0, writes: 0 };
  state: InstanceState | undefined;
  /** Why there is no state. */
  trouble: unknown = new Error("not asked yet");
  inFlight = 0;

  readonly #pools: Readonly<Record<Purpose, Pool>>;
  readonly #watch: Watch;
  readonly #leases = new Set<Lease>();
  readonly #introduced = new WeakMap<ClientBase, InstanceState>();
  readonly #silentAfterMs: number;
  readonly #faulty: () => void;
  #answeredAt = performance.now();

  /**
   * @param config of each pool
   * @param silentAfterMs whoever has waited for so long for it waits no longer
   * @param faulty called when a connection was lost: something has happened, maybe to others too
   */
  constructor(name: string, config: PoolConfig, silentAfterMs: number, faulty: () => void) {
    this.name = name;
    this.#silentAfterMs = silentAfterMs;
    this.#faulty = faulty;
    this.#pools = {
      // Whatever instance it is by now: a read writes nothing.
      reads: steadyPool({ ...config, options: "-c default_transaction_read_only=on" }),
      writes: steadyPool(config),
    };
    this.#watch = new Watch(config, silentAfterMs, (error) => {
      this.#lose(error);
    });
  }

  get roundTripMs(): number {
    return this.#watch.roundTripMs;
  }

  /** Asks the instance what it is; its state afterwards, undefined when it has not answered. */
  async observe(): Promise<InstanceState | undefined> {
    try {
      this.state = await this.#watch.ask();
      this.#answeredAt = performance.now();
    } catch (error) {
      this.#lose(error);
    }
    return this.state;
  }

  /**
   * Lends a connection.
   * @param until in milliseconds of `performance.now()`: then the lease is given up
   */
  async use<T>(purpose: Purpose, until: number, work: (lease: Lease) => Promise<T>): Promise<T> {
    let lease: Lease | undefined;
    this.inFlight += 1;
    try {
      lease = await Lease.from(this.#pools[purpose], until);
      this.#leases.add(lease);
      // A connection that is new may be to a server that was started again, and has replayed less than it had.
      if (!this.#introduced.has(lease.client)) this.state = await this.#introduce(lease);
      const result = await work(lease);
      this.counts[purpose] += 1;
      return result;
    } catch (error) {
      if (faultOf(error) === "lost" || error instanceof OutcomeUnknown) {
        lease?.spoil();
        this.#faulty();
      }
      throw error;
    } finally {
      this.inFlight -= 1;
      if (lease) this.#leases.delete(lease);
      lease?.end();
    }
  }

  /**
   * The state as a connection's server has it. What has once been a primary on this connection is one as long as it
   * lasts, for a primary becomes a replica by a new start alone.
   * @throws Unavailable
   */
  stateOn({ client }: Lease): InstanceState {
    const first = this.#introduced.get(client);
    const state = first?.isPrimary ? first : this.state;
    if (!state) throw new Unavailable("lost", this.describe());
    if (state.isPrimary) this.#introduced.set(client, state);
    return state;
  }

  describe(): string {
    if (!this.state) return `${this.name}: ${messageOf(this.trouble)}`;
    const { isPrimary, isReceiving, position } = this.state;
    const role = isPrimary ? "primary" : isReceiving ? "replica" : "replica that receives no WAL,";
    return `${this.name}: ${role} at ${formatLsn(position)}`;
  }

  async close(): Promise<void> {
    await Promise.all([this.#pools.reads.end(), this.#pools.writes.end()]);
    this.#watch.close();
  }

  async #introduce(lease: Lease): Promise<InstanceState> {
    const state = await askState(lease.client);
    this.#introduced.set(lease.client, state);
    return state;
  }

  /**
   * Nothing is known of it any more. What is under way is given up when the instance is silent, and not at once: a
   * server that closes connections may close this one before it has answered a COMMIT on another.
   */
  #lose(error: unknown): void {
    const wasKnown = this.state !== undefined;
    this.trouble = error;
    this.state = undefined;
    if (performance.now() - this.#answeredAt >= this.#silentAfterMs) {
      for (const lease of this.#leases) lease.giveUp(`${this.name} is silent: ${messageOf(error)}`);
    }
    if (wasKnown) this.#faulty();
  }
}
