import type { ClientBase } from "pg";
import {
  commerceTables,
  idColumn,
  schemaName,
  type CommerceForeignKey,
  type CommerceTable,
} from "../../lib/commerce-model.ts";
import { qualify, quoteIdentifier } from "../../lib/identifier.ts";

/** A foreign key with the table that has it. */
export interface Reference {
  readonly table: CommerceTable;
  readonly key: CommerceForeignKey;
}

export const references: readonly Reference[] = commerceTables.flatMap((table) =>
  table.foreignKeys.map((key) => ({ table, key })),
);

/** `orders (user_id, user_registration_date) → users`. */
export function describeReference({ table, key }: Reference): string {
  return `${table.name} (${key.columns.join(", ")}) → ${key.table}`;
}

/**
 * The rows whose parent is missing: how many, and the first one's id. A constraint says nothing of rows that
 * came in while its triggers were off, so the rows themselves are asked. A null in the key refers to nothing.
 */
export function orphansSql({ table, key }: Reference): string {
  const id = `child.${quoteIdentifier(idColumn(table))}`;
  const given = key.columns.map((column) => `child.${quoteIdentifier(column)} IS NOT NULL`);
  const match = key.columns.map(
    (column, index) =>
      `parent.${quoteIdentifier(key.referenced[index] ?? "")} = child.${quoteIdentifier(column)}`,
  );
  return `
    SELECT count(*)::text AS orphans, min(${id})::text AS first
    FROM ${qualify(schemaName, table.name)} child
    WHERE ${given.join(" AND ")}
      AND NOT EXISTS (SELECT FROM ${qualify(schemaName, key.table)} parent WHERE ${match.join(" AND ")})`;
}

/** How many rows refer to none, and the first of them, as a line; undefined when there is none. */
export async function orphansOf(client: ClientBase, reference: Reference): Promise<string | undefined> {
  const { rows } = await client.query<{ orphans: string; first: string | null }>(orphansSql(reference));
  const { orphans = "0", first } = rows[0] ?? {};
  if (orphans === "0") return undefined;
  const id = idColumn(reference.table);
  return `${describeReference(reference)}: ${orphans} rows without a parent, the first with ${id} ${first ?? "?"}`;
}
