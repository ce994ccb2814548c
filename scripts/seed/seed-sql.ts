import { commerceTables, schemaName, type CommerceTable } from "../../lib/commerce-model.ts";
import { qualify, quoteIdentifier, quoteLiteral } from "../../lib/identifier.ts";
import type { IdBlock } from "./seed-plan.ts";

/** The settings that COPY's text depends on, and bounds for waits. Only for a session without a pooler. */
export const sessionSettings = `
  SET datestyle TO 'ISO, YMD';
  SET client_encoding TO 'UTF8';
  SET lock_timeout TO '10s'`;

/** Which of the tables in $1 (a text array) the schema $2 has. */
export const existingTables = `
  SELECT c.relname AS name
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $2 AND c.relname = ANY ($1) AND c.relkind IN ('r', 'p')`;

/** The server and the database, so that a journal is not taken for that of another. */
export const databaseIdentity = `
  SELECT system_identifier::text || '/' || (
    SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
  ) AS identity
  FROM pg_catalog.pg_control_system()`;

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

export function copyIn(table: CommerceTable): string {
  const columns = table.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  return `COPY ${qualify(schemaName, table.name)} (${columns}) FROM STDIN`;
}

/** The whole table, or one block of ids, in the order and the bytes in which a seed writes it. */
export function copyOut(table: CommerceTable, block?: IdBlock): string {
  const columns = table.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  const order = table.primaryKey.map(quoteIdentifier).join(", ");
  return `COPY (SELECT ${columns} FROM ${qualify(schemaName, table.name)} ${within(table, block)} ORDER BY ${order}) TO STDOUT`;
}

export function countRows(table: CommerceTable, block?: IdBlock): string {
  return `SELECT count(*)::int AS rows FROM ${qualify(schemaName, table.name)} ${within(table, block)}`;
}

export const categoryIds = `SELECT category_id AS id FROM ${qualify(schemaName, "categories")} ORDER BY 1`;

/** Makes the next id of the table the one after $1. Lowers the sequence, too. */
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

function within(table: CommerceTable, block: IdBlock | undefined): string {
  if (!block) return "";
  return `WHERE ${quoteIdentifier(idColumn(table))} BETWEEN ${block.first} AND ${block.first + block.count - 1}`;
}

function sequenceOf(table: CommerceTable): string {
  const relation = quoteLiteral(qualify(schemaName, table.name));
  return `pg_catalog.pg_get_serial_sequence(${relation}, ${quoteLiteral(idColumn(table))})::regclass`;
}

/** The column that the table's sequence feeds: the first of every primary key. */
function idColumn(table: CommerceTable): string {
  const [column] = table.primaryKey;
  if (column === undefined) throw new RangeError(`${table.name} has no primary key`);
  return column;
}
