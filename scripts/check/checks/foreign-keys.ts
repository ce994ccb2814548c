import {
  commerceTables,
  schemaName,
  type CommerceForeignKey,
  type CommerceTable,
} from "../../../lib/commerce-model.ts";
import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import { readTables, type LiveTable } from "../../catalogue/live-table.ts";
import type { Check } from "../check.ts";

interface Reference {
  readonly table: CommerceTable;
  readonly key: CommerceForeignKey;
}

const references: readonly Reference[] = commerceTables.flatMap((table) =>
  table.foreignKeys.map((key) => ({ table, key })),
);

/**
 * The rows whose parent is missing: how many, and the first one's id. A constraint says nothing of rows that
 * came in while its triggers were off, so the rows themselves are asked. A null in the key refers to nothing.
 */
export function orphansSql({ table, key }: Reference): string {
  const id = `child.${quoteIdentifier(table.primaryKey[0] ?? "")}`;
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

export const foreignKeys: Check = {
  name: "foreign-keys",
  title: "Every foreign key holds for every row, and is enforced",
  endpoint: "rw",
  run: (context) =>
    context.transaction("rw", "app", "snapshot", async (client) => {
      const live = await readTables(client, schemaName);
      const faults: string[] = [];
      for (const reference of references) {
        const { table, key } = reference;
        const text = `${table.name} (${key.columns.join(", ")}) → ${key.table}`;
        const { rows } = await client.query<{ orphans: string; first: string | null }>(orphansSql(reference));
        const { orphans = "0", first } = rows[0] ?? {};
        if (orphans !== "0") {
          const id = table.primaryKey[0] ?? "";
          faults.push(`${text}: ${orphans} rows without a parent, the first with ${id} ${first ?? "?"}`);
        }
        faults.push(...constraintFaults(text, reference, live));
      }
      return { faults, detail: `${references.length} foreign keys, no row without its parent` };
    }),
};

function constraintFaults(text: string, { table, key }: Reference, live: readonly LiveTable[]): string[] {
  const found = live
    .find(({ name }) => name === table.name)
    ?.foreignKeys.find(
      (candidate) => candidate.table === key.table && candidate.columns.join() === key.columns.join(),
    );
  if (!found) return [`${text}: there is no constraint`];
  return [
    ...(found.validated ? [] : [`${text}: ${found.name} is NOT VALID`]),
    ...(found.enforced ? [] : [`${text}: ${found.name} has disabled triggers`]),
  ];
}
