import type { Client } from "pg";

/** How the server that an endpoint leads to looks to a client. */
export interface ClusterState {
  readonly isInRecovery: boolean;
  /** The application names of the replicas that stream, sorted, each once. */
  readonly streaming: readonly string[];
  /** Connected replicas whose state the role may not see. */
  readonly hidden: number;
}

/** A row of pg_stat_replication. `state` is null when the role lacks pg_monitor. */
export interface ReplicationRow {
  readonly name: string | null;
  readonly state: string | null;
}

// They stream WAL as a replica does, and are gone when the copy is done.
const copyTools = new Set(["pg_basebackup", "pg_receivewal"]);

const recoverySql = `SELECT pg_is_in_recovery() AS "isInRecovery"`;

const replicationSql = `SELECT application_name AS name, state FROM pg_stat_replication`;

// Needs no table and no right of its own, and writes WAL within a transaction, so that the commit waits for a
// synchronous replica. A transaction that merely takes an id does not wait, though it is committed too.
const commitSql = `SELECT pg_logical_emit_message(true, 'ecosphere', 'gate')`;

export async function readClusterState(client: Client): Promise<ClusterState> {
  const recovery = await client.query<{ isInRecovery: boolean }>(recoverySql);
  const replication = await client.query<ReplicationRow>(replicationSql);
  return {
    isInRecovery: recovery.rows[0]?.isInRecovery !== false,
    ...summarizeReplication(replication.rows),
  };
}

/** Returns once a write is committed, with all that the server's synchronous commit asks for. */
export async function commitWrite(client: Client): Promise<void> {
  await client.query(commitSql);
}

export function summarizeReplication(
  rows: readonly ReplicationRow[],
): Pick<ClusterState, "streaming" | "hidden"> {
  const replicas = rows.filter(({ name }) => !copyTools.has(name ?? ""));
  const streaming = replicas.filter(({ state }) => state === "streaming").map(({ name }) => name ?? "");
  return {
    streaming: [...new Set(streaming)].sort(),
    hidden: replicas.filter(({ state }) => state === null).length,
  };
}
