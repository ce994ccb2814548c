import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client } from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { commerceTables, schemaName, type CommerceTable } from "../../lib/commerce-model.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import { parseRangeBound, uncovered } from "../../lib/range-bound.ts";
import { decadeStart, parseDay, timestampText } from "./seed-dates.ts";
import { idBlock, type IdBlock, type SeedPlan } from "./seed-plan.ts";
import * as sql from "./seed-sql.ts";

/** What a seed asks of the database, on one session of the seeder. */

export async function databaseIdentity(client: Client): Promise<string> {
  const { rows } = await client.query<{ identity: string }>(sql.databaseIdentity);
  return rows[0]?.identity ?? "";
}

/** The tables that hold a row. @throws UserError `no-tables` when one of the nine is missing */
export async function readFilledTables(client: Client): Promise<Set<string>> {
  const names = commerceTables.map(({ name }) => name);
  const existing = await client.query<{ name: string }>(sql.existingTables, [names, schemaName]);
  const missing = names.filter((name) => !existing.rows.some((row) => row.name === name));
  if (missing.length > 0) {
    throw new UserError(
      "no-tables",
      `the schema ${schemaName} lacks ${missing.join(", ")}`,
      "Run ./ecosphere up, which makes the tables.",
    );
  }
  const { rows } = await client.query<Record<string, boolean>>(sql.filledTables());
  return new Set(names.filter((name) => rows[0]?.[name]));
}

/** @throws UserError `no-partition` when users could register at a time that no partition takes */
export async function requirePartitions(client: Client, plan: SeedPlan): Promise<void> {
  const asOf = parseDay(plan.asOf) ?? 0;
  const { rows } = await client.query<{ bound: string }>(sql.partitionBounds, [schemaName, "users"]);
  const bounds = rows.map(({ bound }) => parseRangeBound(bound)).filter((bound) => bound !== undefined);
  const gaps = uncovered(bounds, timestampText(decadeStart(asOf)), timestampText(asOf));
  if (gaps.length === 0) return;
  const texts = gaps.map(({ from, to }) => `${from} to ${to}`);
  throw new UserError(
    "no-partition",
    `users has no partition for ${texts.join(" and ")}, and users register anywhere in the decade of --as-of ${plan.asOf}`,
    "Widen the config keys partitionFrom and partitionTo and run ./ecosphere up, or give another --as-of.",
  );
}

/** Takes `count` free ids of a table for good, and returns the first. */
export async function reserveIds(client: Client, table: CommerceTable, count: number): Promise<number> {
  const { rows } = await client.query<{ first: string; last: string }>(sql.reserveIds(table), [count]);
  const first = Number(rows[0]?.first);
  if (first + count - 1 <= 0x7fff_ffff) return first;
  throw new UserError(
    "ids-exhausted",
    `${table.name} has ids for no ${count} more rows; the last is 2147483647`,
  );
}

export async function readCategoryIds(client: Client): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(sql.categoryIds);
  return rows.map(({ id }) => id);
}

/** Empties all nine tables, or none. */
export async function truncateTables(client: Client): Promise<void> {
  await client.query(sql.truncateAll());
}

export async function countRows(client: Client, table: CommerceTable, block?: IdBlock): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(sql.countRows(table, block));
  return rows[0]?.rows ?? 0;
}

/** SHA-256 of what COPY prints for the table, comparable with `tableHash`. */
export async function hashStoredRows(client: Client, table: CommerceTable, block?: IdBlock): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of client.query(copyTo(sql.copyOut(table, block)))) {
    if (Buffer.isBuffer(chunk)) hash.update(chunk);
  }
  return hash.digest("hex");
}

/** Writes a table's rows and its sequence in one transaction: a kill leaves all of them or none. */
export async function writeTable(
  client: Client,
  plan: SeedPlan,
  table: CommerceTable,
  chunks: Iterable<Buffer>,
): Promise<void> {
  const { first, count } = idBlock(plan, table.name);
  await client.query("BEGIN");
  try {
    await pipeline(Readable.from(chunks), client.query(copyFrom(sql.copyIn(table))));
    // An append has taken its ids out of the sequence already, and others may have taken more since.
    if (plan.mode === "fresh") await client.query(sql.setSequence(table), [first + count - 1]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw new Error(`writing ${table.name}: ${messageOf(error)}`, { cause: error });
  }
}
