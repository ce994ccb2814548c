import {
  commerceTables,
  idColumn,
  schemaName,
  seedSchemaName,
  type CommerceTable,
} from "../../lib/commerce-model.ts";
import { qualify, quoteIdentifier, quoteLiteral } from "../../lib/identifier.ts";
import type { IdBlock } from "./seed-plan.ts";

/**
 * The settings that what is printed depends on, and bounds for waits: locks are waited for briefly, a statement takes as
 * long as the rows need. Only for a session without a pooler.
 */
export const sessionSettings = `
  SET statement_timeout TO 0;
  SET datestyle TO 'ISO, YMD';
  SET client_encoding TO 'UTF8';
  SET lock_timeout TO '10s'`;

/** No foreign key is checked row by row; whoever writes so proves them all afterwards. */
export const withoutTriggers = "SET session_replication_role TO replica";

/** Which of the tables in $1 (a text array) the schema $2 has. */
export const existingTables = `
  SELECT c.relname AS name
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $2 AND c.relname = ANY ($1) AND c.relkind IN ('r', 'p')`;

/** The bounds of the partitions of the table $2 in the schema $1, as the server prints them. */
export const partitionBounds = `
  SELECT pg_catalog.pg_get_expr(child.relpartbound, child.oid) AS bound
  FROM pg_catalog.pg_inherits i
  JOIN pg_catalog.pg_class child ON child.oid = i.inhrelid
  JOIN pg_catalog.pg_class parent ON parent.oid = i.inhparent
  JOIN pg_catalog.pg_namespace n ON n.oid = parent.relnamespace
  WHERE n.nspname = $1 AND parent.relname = $2`;

/** One row: for each table a column of its name, true when it holds a row. */
export function filledTables(): string {
  const columns = commerceTables.map(
    ({ name }) => `EXISTS (SELECT FROM ${qualify(schemaName, name)}) AS ${quoteIdentifier(name)}`,
  );
  return `SELECT ${columns.join(", ")}`;
}

/** All nine in one statement: foreign keys allow no other way. */
export function truncateAll(): string {
  return `TRUNCATE ${commerceTables.map(({ name }) => qualify(schemaName, name)).join(", ")}`;
}

const runs = qualify(seedSchemaName, "runs");
const ranges = qualify(seedSchemaName, "ranges");

export const readRuns = `
  SELECT run_id AS "runId", plan, finished_at IS NOT NULL AS "isFinished" FROM ${runs} ORDER BY run_id`;

export const forgetRanges = `DELETE FROM ${ranges}`;
export const forgetRuns = `DELETE FROM ${runs}`;

/** $1: the plan as JSON. */
export const addRun = `
  INSERT INTO ${runs} (run_id, plan) SELECT coalesce(max(run_id), 0) + 1, $1::jsonb FROM ${runs}
  RETURNING run_id AS "runId"`;

export const finishRun = `UPDATE ${runs} SET finished_at = CURRENT_TIMESTAMP WHERE run_id = $1`;

export const readRanges = `
  SELECT table_name AS "table", range_number AS "number", row_count AS "count", sha256 AS "hash"
  FROM ${ranges} WHERE run_id = $1`;

export const readRange = `
  SELECT sha256 AS "hash" FROM ${ranges} WHERE run_id = $1 AND table_name = $2 AND range_number = $3`;

export const addRange = `
  INSERT INTO ${ranges} (run_id, table_name, range_number, row_count, sha256) VALUES ($1, $2, $3, $4, $5)`;

export function copyIn(table: CommerceTable): string {
  return `COPY ${qualify(schemaName, table.name)} (${columnsOf(table)}) FROM STDIN (FORMAT binary)`;
}

/** One block of ids, in the order and the bytes in which a seed writes it. */
export function copyOut(table: CommerceTable, { first, count }: IdBlock): string {
  const id = quoteIdentifier(idColumn(table));
  return `COPY (SELECT ${columnsOf(table)} FROM ${qualify(schemaName, table.name)}
    WHERE ${id} BETWEEN ${first} AND ${first + count - 1} ORDER BY ${id}) TO STDOUT (FORMAT binary)`;
}

export const categoryIds = `SELECT category_id AS id FROM ${qualify(schemaName, "categories")} ORDER BY 1`;

/** Makes the next id of the table the one after $1; for tables that are empty. */
export function setSequence(table: CommerceTable): string {
  return `SELECT pg_catalog.setval(${sequenceOf(table)}, $1)`;
}

/**
 * Takes $1 ids out of the table's sequence and returns the first. It lasts whether or not the transaction
 * commits, so rows that the application inserts meanwhile get others.
 */
export function reserveIds(table: CommerceTable): string {
  const key = quoteIdentifier(idColumn(table));
  return `
    WITH highest AS (
      SELECT greatest(
        (SELECT coalesce(max(${key}), 0) FROM ${qualify(schemaName, table.name)}),
        (SELECT coalesce(pg_catalog.pg_sequence_last_value(${sequenceOf(table)}), 0))
      ) AS id
    )
    SELECT (id + 1)::text AS first, pg_catalog.setval(${sequenceOf(table)}, id + $1)::text AS last
    FROM highest`;
}

/** What planners know of the table, and which of its pages hold no dead row. */
export function vacuum({ name }: CommerceTable): string {
  return `VACUUM (ANALYZE) ${qualify(schemaName, name)}`;
}

/** WAL in bytes that replicas have still to replay, and that slots keep for whoever does not read it. */
export const replicationBacklog = `
  SELECT
    (SELECT coalesce(max(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replay_lsn)), 0)
       FROM pg_catalog.pg_stat_replication WHERE state = 'streaming')::float8 AS "replayBytes",
    (SELECT coalesce(max(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn)), 0)
       FROM pg_catalog.pg_replication_slots WHERE restart_lsn IS NOT NULL)::float8 AS "slotBytes",
    (SELECT slot_name FROM pg_catalog.pg_replication_slots WHERE restart_lsn IS NOT NULL
      ORDER BY restart_lsn LIMIT 1) AS "slot"`;

function columnsOf(table: CommerceTable): string {
  return table.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
}

function sequenceOf(table: CommerceTable): string {
  const relation = quoteLiteral(qualify(schemaName, table.name));
  return `pg_catalog.pg_get_serial_sequence(${relation}, ${quoteLiteral(idColumn(table))})::regclass`;
}
