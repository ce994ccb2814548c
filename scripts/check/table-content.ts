import type { ClientBase } from "pg";
import { commerceTables, schemaName, type CommerceTable } from "../../lib/commerce-model.ts";
import { qualify, quoteIdentifier } from "../../lib/identifier.ts";

/**
 * What makes two tables equal in content whatever the order of rows. An XOR alone cancels a row that occurs
 * twice, a sum alone could be balanced; with two hash functions and the count, no pair of changes hides.
 */
const contentHash =
  "count(*) || '/' || coalesce(bit_xor(hashtextextended(t::text, 0)), 0) || '/' || coalesce(sum(hashtextextended(t::text, 1)::numeric), 0)";

const bucketRows = 1000;

/** The hash of each table's content, by table. Run it in one snapshot. */
export async function contentHashes(client: ClientBase): Promise<ReadonlyMap<string, string>> {
  await fixFormats(client);
  const columns = commerceTables.map(
    ({ name }) => `(SELECT ${contentHash} FROM ${qualify(schemaName, name)} t) AS ${quoteIdentifier(name)}`,
  );
  const { rows } = await client.query<Record<string, string>>(`SELECT ${columns.join(", ")}`);
  return new Map(Object.entries(rows[0] ?? {}));
}

/** A hash for each range of 1000 ids, by its number: where to look for a difference. */
export async function bucketHashes(client: ClientBase, table: CommerceTable): Promise<Map<string, string>> {
  await fixFormats(client);
  return readPairs(
    client,
    `SELECT (${idOf(table)} / ${bucketRows})::text AS key, ${contentHash} AS hash
     FROM ${qualify(schemaName, table.name)} t GROUP BY ${idOf(table)} / ${bucketRows} ORDER BY min(${idOf(table)})`,
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
    `SELECT concat_ws(', ', ${key}) AS key, hashtextextended(t::text, 0)::text AS hash
     FROM ${qualify(schemaName, table.name)} t WHERE ${idOf(table)} / ${bucketRows} = $1::int ORDER BY ${key}`,
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

/** A row's text depends on these, and a role or database may have its own. */
async function fixFormats(client: ClientBase): Promise<void> {
  await client.query("SET LOCAL datestyle TO 'ISO, YMD'");
}

async function readPairs(client: ClientBase, sql: string, values: string[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{ key: string; hash: string }>(sql, values);
  return new Map(rows.map(({ key, hash }) => [key, hash]));
}

function idOf(table: CommerceTable): string {
  return `t.${quoteIdentifier(table.primaryKey[0] ?? "")}`;
}
