import type { QueryResult, QueryResultRow } from "pg";
import { UserError } from "../errors.ts";
import { OutcomeUnknown } from "./errors.ts";
import { faultOf, isRefusedCommit, Unavailable } from "./faults.ts";
import type { InstanceState } from "./instance-state.ts";
import type { Lease } from "./lease.ts";
import { beyondEveryReplica, parseLsn, type Mark } from "./lsn.ts";
import { toConfig, type Query } from "./query.ts";

/** `read committed` unless it says otherwise, as PostgreSQL has it. */
export type Isolation = "read committed" | "repeatable read" | "serializable";

/** A transaction that is open on the primary, for the work that it was given to and no longer. */
export interface Transaction {
  /** One statement after the other. BEGIN, COMMIT and ROLLBACK are not yours; savepoints are. */
  query<Row extends QueryResultRow = Record<string, unknown>>(
    query: string | Query,
  ): Promise<QueryResult<Row>>;
}

class OpenTransaction implements Transaction {
  readonly #lease: Lease;
  #isOver = false;
  /** The first error after which the whole is worth another try. */
  fault: unknown;

  constructor(lease: Lease) {
    this.#lease = lease;
  }

  async query<Row extends QueryResultRow = Record<string, unknown>>(
    query: string | Query,
  ): Promise<QueryResult<Row>> {
    if (this.#isOver) throw new UserError("transaction-over", "the transaction is over", "Await each query.");
    try {
      return await this.#lease.client.query<Row>(toConfig(query));
    } catch (error) {
      if (faultOf(error) !== "final") this.fault ??= error;
      throw error;
    }
  }

  end(): void {
    this.#isOver = true;
  }
}

/** `cause` is what the work has thrown: not a fault of this cluster, whatever it looks like. */
export class WorkFailed extends Error {
  constructor(cause: unknown) {
    super("the work has thrown", { cause });
  }
}

/**
 * One attempt. Every error but `OutcomeUnknown` means that nothing was written.
 * @param state of the primary, on this connection
 */
export async function transact<T>(
  lease: Lease,
  state: InstanceState,
  isolation: Isolation,
  work: (transaction: Transaction) => Promise<T>,
): Promise<{ readonly result: T; readonly mark: Mark }> {
  const { client } = lease;
  if (!state.isPrimary) throw new Unavailable("elsewhere", "it is no primary any more");
  await client.query(`BEGIN ISOLATION LEVEL ${isolation.toUpperCase()} READ WRITE`);
  const transaction = new OpenTransaction(lease);
  let result: T;
  try {
    // The work may be waiting for something else when the connection is given up.
    result = await lease.untilGivenUp(work(transaction));
    // A lost connection may have been caught by the work; a COMMIT on it would be a COMMIT of nothing.
    if (faultOf(transaction.fault) === "lost") throw transaction.fault;
    if (client.getTransactionStatus() !== "T") throw notCommitted();
  } catch (error) {
    transaction.end();
    // What the work makes of an error does not hide that another try may succeed.
    const { fault } = transaction;
    const isUndone =
      error === fault || faultOf(fault) === "lost" || (fault && client.getTransactionStatus() === "E");
    await rollBack(lease);
    if (isUndone) throw fault;
    throw error instanceof Unavailable ? error : new WorkFailed(error);
  }
  transaction.end();
  await commit(lease);
  return { result, mark: await markOf(lease, state) };
}

async function commit(lease: Lease): Promise<void> {
  const { client } = lease;
  // Who is cancelled while it waits for a replica is told of a success, with a warning: a failover can still lose it.
  const warnedBy = new Set<string | undefined>();
  const notice = ({ routine }: { readonly routine?: string | undefined }): void => {
    warnedBy.add(routine);
  };
  client.on("notice", notice);
  let command: string;
  try {
    ({ command } = await client.query("COMMIT"));
  } catch (error) {
    throw isRefusedCommit(error) ? error : new OutcomeUnknown(error);
  } finally {
    client.off("notice", notice);
  }
  // So PostgreSQL answers when a statement has failed that the work did not wait for.
  if (command === "ROLLBACK") throw notCommitted();
  if (warnedBy.has("SyncRepWaitForLSN")) {
    throw new OutcomeUnknown("it is committed on the primary, and no replica has confirmed it");
  }
}

/**
 * The position up to which WAL was written, asked after the commit: the commit's record ends before it whether or not
 * the transaction has waited for the disk (the flushed position is too early with `synchronous_commit = off`). It may lie
 * a little behind the record, by what others write, or by a page's header; then a read waits a little longer or goes to
 * the primary.
 */
async function markOf(lease: Lease, { timeline = 0, clock = 0n }: InstanceState): Promise<Mark> {
  const sql = "SELECT pg_current_wal_insert_lsn()::text AS position";
  try {
    const { rows } = await lease.client.query<{ position: string }>(sql);
    return { timeline, since: clock, position: parseLsn(rows[0]?.position ?? "") };
  } catch {
    // The write is done, and must not look as if it were not. Who reads after it, reads from the primary.
    lease.spoil();
    return { timeline, since: clock, position: beyondEveryReplica };
  }
}

function notCommitted(): UserError {
  return new UserError(
    "not-committed",
    "the work has caught the error of a statement, has not waited for one, or has ended the transaction itself",
    "Await each query, let errors through or use a savepoint, and leave BEGIN, COMMIT and ROLLBACK to the client.",
  );
}

async function rollBack(lease: Lease): Promise<void> {
  try {
    await lease.client.query("ROLLBACK");
  } catch {
    lease.spoil();
  }
}
