import type { QueryResult, QueryResultRow } from "pg";
import { UserError } from "../errors.ts";
import { attemptUntil } from "./attempts.ts";
import { OutcomeUnknown } from "./errors.ts";
import { faultOf } from "./faults.ts";
import { Instance, type Purpose } from "./instance.ts";
import { poolConfig, withDefaults, type ClusterClientOptions } from "./options.ts";
import { parseToken, tokenOf, type LsnToken } from "./lsn.ts";
import type { Query } from "./query.ts";
import { Reader } from "./reader.ts";
import { Topology } from "./topology.ts";
import { transact, WorkFailed, type Isolation, type Transaction } from "./transaction.ts";

export interface ReadOptions {
  /** The read sees this write. */
  readonly after?: LsnToken | undefined;
  readonly withinMs?: number;
}

export interface WriteOptions {
  /** Running it twice is as good as once: a commit whose outcome is not known is tried again too. */
  readonly idempotent?: boolean;
  readonly isolation?: Isolation;
  readonly withinMs?: number;
}

/** What a transaction gave, and a token with which a read sees it. */
export interface Written<T> {
  readonly result: T;
  readonly token: LsnToken;
}

/**
 * A client of a cluster that knows its instances: it writes on the primary and reads from the nearest fit replica, without
 * a proxy between. What it promises, and what not: docs/client.md. Above all no read is linearizable: one without a
 * token may be older than any write, and two of them in a row may go back in time.
 */
export class ClusterClient implements AsyncDisposable {
  readonly #options: Required<ClusterClientOptions>;
  readonly #topology: Topology;
  #isClosed = false;

  constructor(options: ClusterClientOptions) {
    this.#options = withDefaults(options);
    this.#topology = new Topology(
      (faulty) =>
        this.#options.instances.map(
          (at) => new Instance(at.name, poolConfig(this.#options, at), this.#options.silentAfterMs, faulty),
        ),
      this.#options,
    );
  }

  /**
   * Reads with one statement, from a replica or, when none is fit, from the primary. It is tried again elsewhere when its
   * connection or instance is lost, so it must be a statement that may run twice; it can change nothing.
   * @throws DeadlineExceeded
   * @throws UserError `bad-token`, `closed`
   */
  async read<Row extends QueryResultRow = Record<string, unknown>>(
    query: string | Query,
    { after, withinMs = this.#options.withinMs }: ReadOptions = {},
  ): Promise<QueryResult<Row>> {
    await this.#open();
    const mark = after === undefined ? undefined : parseToken(after);
    const reader = new Reader(this.#topology, this.#options.replayWaitMs, mark);
    return attemptUntil({ what: "a read", withinMs }, (until) => reader.attempt<Row>(query, until));
  }

  /** One statement in a transaction of its own. As `transaction`. */
  write<Row extends QueryResultRow = Record<string, unknown>>(
    query: string | Query,
    options: WriteOptions = {},
  ): Promise<Written<QueryResult<Row>>> {
    return this.transaction((transaction) => transaction.query<Row>(query), options);
  }

  /**
   * Runs `work` in a transaction on the primary and commits it. As long as COMMIT was not sent, a lost connection, a lost
   * primary and a serialization failure begin it all again: `work` may run several times, and must do nothing that
   * a rollback does not undo. What `work` throws rolls back, and is thrown on.
   * @throws OutcomeUnknown when COMMIT was sent and not answered: it may be written or not, and is not tried again
   *   unless it is `idempotent`
   * @throws DeadlineExceeded nothing is written
   * @throws UserError `not-committed`, `closed`; nothing is written
   */
  async transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    options: WriteOptions = {},
  ): Promise<Written<T>> {
    const { idempotent = false, isolation = "read committed", withinMs = this.#options.withinMs } = options;
    await this.#open();
    let unknown: OutcomeUnknown | undefined;
    const attempt = async (until: number): Promise<Written<T>> => {
      const primary = this.#topology.primary();
      if (!primary) throw this.#topology.whyNone("primary");
      const { result, mark } = await primary.use("writes", until, (lease) =>
        transact(lease, primary.stateOn(lease), isolation, work),
      );
      return { result, token: tokenOf(mark) };
    };
    const isWorthAnother = (error: unknown): boolean => {
      if (!(error instanceof OutcomeUnknown)) return faultOf(error) !== "final";
      unknown = error;
      return idempotent;
    };
    try {
      return await attemptUntil({ what: "a transaction to commit", withinMs }, attempt, isWorthAnother);
    } catch (thrown) {
      const error = thrown instanceof WorkFailed ? thrown.cause : thrown;
      // Of an earlier attempt it is still not known.
      throw unknown && error !== unknown ? new OutcomeUnknown(error) : error;
    }
  }

  /** How many reads and transactions each instance has answered. */
  counts(): Readonly<Record<string, Readonly<Record<Purpose, number>>>> {
    return Object.fromEntries(this.#topology.instances.map(({ name, counts }) => [name, { ...counts }]));
  }

  /** Which instance is what as far as is known, for people. */
  describe(): string {
    return this.#topology.describe();
  }

  /** Ends every connection once it is free; what has none yet fails. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#topology.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<void> {
    if (this.#isClosed) throw new UserError("closed", "the client is closed");
    await this.#topology.begun();
  }
}
