import { z } from "zod";
import { qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { Size, TableName } from "./statement.ts";

/** A query whose answer a plan depends on: data, so that whoever plans needs no connection. */
export interface Question {
  /** Unique among the questions of one plan; whoever asks looks the answer up by it. */
  readonly key: string;
  /** Read-only; one statement. */
  readonly sql: string;
  readonly values?: readonly string[];
}

/**
 * Rows by a question's key. A question that was not asked, or that the server could not answer (a time-out, a
 * missing right, a preview without a connection) has no entry: whoever plans then takes the safe side.
 */
export type Answers = ReadonlyMap<string, readonly unknown[]>;

export const noAnswers: Answers = new Map();

/** Below it a rewrite is over soon enough to need no permission. */
export const rewriteLimitRows = 10_000;

/** The one row of an answer, checked; undefined without one. */
export function answerTo<T>(answers: Answers, key: string, schema: z.ZodType<T>): T | undefined {
  const [row] = answers.get(key) ?? [];
  return row === undefined ? undefined : schema.parse(row);
}

/** PostgreSQL's version, as 170004. */
export const versionQuestion: Question = {
  key: "version",
  sql: "SELECT pg_catalog.current_setting('server_version_num')::int AS number",
};

/** @returns 150000 without an answer: what the oldest supported server can do, all can */
export function versionIn(answers: Answers): number {
  return answerTo(answers, "version", z.object({ number: z.number() }))?.number ?? 150_000;
}

/** How big a table is with all its partitions, by the server's estimate, and exactly up to the rewrite limit. */
export function sizeQuestion(table: TableName): Question {
  const name = quoteLiteral(qualify(table.schema, table.name));
  return {
    key: sizeKey(table),
    sql: `
      SELECT sizes.rows, sizes.bytes, limited.big AS "isBig"
        FROM (SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 AS rows,
                     coalesce(sum(pg_catalog.pg_total_relation_size(c.oid)), 0)::float8 AS bytes
                FROM pg_catalog.pg_class c
               WHERE c.oid = ${name}::regclass
                  OR c.oid IN (SELECT relid FROM pg_catalog.pg_partition_tree(${name}::regclass))) AS sizes,
             (SELECT count(*) > ${rewriteLimitRows} AS big
                FROM (SELECT 1 FROM ${qualify(table.schema, table.name)} LIMIT ${rewriteLimitRows + 1}) AS r) AS limited`,
  };
}

const sizeRow = z.object({ rows: z.number(), bytes: z.number(), isBig: z.boolean() });

/** The estimate for a statement's note. */
export function sizeIn(answers: Answers, table: TableName): Size | undefined {
  const answer = answerTo(answers, sizeKey(table), sizeRow);
  return answer && { rows: Math.round(answer.rows), bytes: answer.bytes };
}

/** Whether a rewrite needs a permission. Without an answer it does. */
export function isBig(answers: Answers, table: TableName): boolean {
  return answerTo(answers, sizeKey(table), sizeRow)?.isBig ?? true;
}

function sizeKey(table: TableName): string {
  return `size ${table.schema}.${table.name}`;
}

/** Whether there is any row. */
export function rowsQuestion(table: TableName): Question {
  return existsQuestion(`rows ${table.schema}.${table.name}`, table, "true");
}

/** Without an answer there may be rows. */
export function hasRows(answers: Answers, table: TableName): boolean {
  return existsIn(answers, `rows ${table.schema}.${table.name}`);
}

/** Whether there is a row for which `predicate`, an SQL expression over it, is true. */
export function existsQuestion(key: string, table: TableName, predicate: string): Question {
  const from = qualify(table.schema, table.name);
  return { key, sql: `SELECT EXISTS (SELECT 1 FROM ${from} WHERE ${predicate}) AS "isThere"` };
}

/** Without an answer there may be one. */
export function existsIn(answers: Answers, key: string): boolean {
  return answerTo(answers, key, z.object({ isThere: z.boolean() }))?.isThere ?? true;
}

/** Rows that stand in the way of a change: how many (counted up to 1000), and the keys of the first ten. */
export interface Offending {
  readonly count: number;
  readonly keys: readonly string[];
}

const mostCounted = 1000;

/**
 * The rows for which `predicate` is true.
 * @param keyColumns what tells rows apart; without a primary key the row's place in the table does
 */
export function offendingQuestion(
  key: string,
  table: TableName,
  keyColumns: readonly string[],
  predicate: string,
): Question {
  const from = qualify(table.schema, table.name);
  const row =
    keyColumns.length > 0
      ? `json_build_array(${keyColumns.map(quoteIdentifier).join(", ")})::text`
      : "ctid::text";
  return {
    key,
    sql: `
      SELECT (SELECT count(*)::int FROM (SELECT 1 FROM ${from} WHERE ${predicate} LIMIT ${mostCounted}) AS r) AS count,
             (SELECT coalesce(json_agg(k), '[]') FROM (SELECT ${row} AS k FROM ${from} WHERE ${predicate} LIMIT 10) AS r) AS keys`,
  };
}

/** Undefined without an answer. */
export function offendingIn(answers: Answers, key: string): Offending | undefined {
  return answerTo(answers, key, z.object({ count: z.number(), keys: z.array(z.string()) }));
}

/** `3 rows: [7], [9], [12]`; `1000 rows or more, the first [7], …`. */
export function tellOffending({ count, keys }: Offending): string {
  if (count > keys.length) {
    return `${count}${count >= mostCounted ? " or more" : ""} rows, the first ${keys.join(", ")}`;
  }
  return `${count} ${count === 1 ? "row" : "rows"}: ${keys.join(", ")}`;
}
