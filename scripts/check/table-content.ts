import type { ClientBase } from "pg";
import { commerceTables, idColumn, schemaName, type CommerceTable } from "../../lib/commerce-model.ts";
import { qualify, quoteIdentifier } from "../../lib/identifier.ts";
import { rowHash } from "./row-hash.ts";

/**
 * What makes two tables equal in content whatever the order of rows, from a hash of each row. An XOR alone cancels a
 * row that occurs twice, a sum alone has fewer bits to differ in; and the rows are counted.
 */
const contentHash = "count(*) || '/' || coalesce(bit_xor(r.hash), 0) || '/' || coalesce(sum(r.hash), 0)";

const bucketRows = 1000;

/** The hash of each table's content, by table. Run it in one snapshot. */
export async function contentHashes(client: ClientBase): Promise<ReadonlyMap<string, string>> {
  const columns = commerceTables.map(
    (table) => `(SELECT ${contentHash} FROM ${hashedRows(table)}) AS ${quoteIdentifier(table.name)}`,
  );
  const { rows } = await client.query<Record<string, string>>(`SELECT ${columns.join(", ")}`);
  return new Map(Object.entries(rows[0] ?? {}));
}

/** A hash for each range of 1000 ids, by its number: where to look for a difference. */
export async function bucketHashes(client: ClientBase, table: CommerceTable): Promise<Map<string, string>> {
  return readPairs(
    client,
    `SELECT r.bucket::text AS key, ${contentHash} AS hash
     FROM ${hashedRows(table, `${idOf(table)} / ${bucketRows} AS bucket`)} GROUP BY r.bucket ORDER BY r.bucket`,
    [],
  );
}

/** A hash for each row of one such range, by its primary key. */
export async function rowHashes(
  client: ClientBase,
  table: CommerceTable,
  bucket: string,
): Promise<Map<string, string>> {
  await fixFormats(client);
  const key = table.primaryKey.map((column) => `t.${quoteIdentifier(column)}`).join(", ");
  return readPairs(
    client,
    `SELECT concat_ws(', ', ${key}) AS key, ${rowHash(table)}::text AS hash
     FROM ${qualify(schemaName, table.name)} t WHERE ${idOf(table)} BETWEEN $1::int * ${bucketRows} AND $1::int * ${bucketRows} + ${bucketRows - 1} ORDER BY ${key}`,
    [bucket],
  );
}

/** The first key that only one of the two has, or whose hashes differ. */
export function firstDifference(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): string | undefined {
  for (const [key, hash] of one) if (other.get(key) !== hash) return key;
  for (const key of other.keys()) if (!one.has(key)) return key;
  return undefined;
}

/** Each row's hash, once: without OFFSET the planner would put the function into each aggregate. */
function hashedRows(table: CommerceTable, ...columns: readonly string[]): string {
  const list = [`${rowHash(table)} AS hash`, ...columns].join(", ");
  return `(SELECT ${list} FROM ${qualify(schemaName, table.name)} t OFFSET 0) r`;
}

/** A key's text depends on these, and a role or database may have its own. */
async function fixFormats(client: ClientBase): Promise<void> {
  await client.query("SET LOCAL datestyle TO 'ISO, YMD'");
}

async function readPairs(client: ClientBase, sql: string, values: string[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{ key: string; hash: string }>(sql, values);
  return new Map(rows.map(({ key, hash }) => [key, hash]));
}

function idOf(table: CommerceTable): string {
  return `t.${quoteIdentifier(idColumn(table))}`;
}
