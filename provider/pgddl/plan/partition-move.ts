import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import { predicateOf } from "./bound-predicate.ts";
import { defaultOf } from "./partition-facts.ts";
import type { AttachOptions, Membership } from "./partition-steps.ts";
import { atLength, quickly, type Statement, type TableName } from "./statement.ts";
import { isSameTable, lock } from "./table-locks.ts";

/**
 * Takes the rows of the bound out of the default partition. Tables that reference them are locked first: a row that
 * began to reference one meanwhile would go with it, where its foreign key says ON DELETE CASCADE.
 */
export function moveStatements(
  { partition, bound, facts, parent }: Membership,
  { defaultSize }: AttachOptions,
): { readonly locks: readonly Statement[]; readonly statements: readonly Statement[] } {
  const fallback = facts && defaultOf(facts);
  if (!fallback) return { locks: [], statements: [] };
  const from = qualify(fallback.schema, fallback.name);
  const columns = facts.columns.map(quoteIdentifier).join(", ");
  const predicate = predicateOf(bound, {
    columns: facts.key.map(({ name }) => name),
    parent,
    siblings: facts.siblings.map((each) => each.bound),
  });
  const lockTable = (on: TableName, isOnly: boolean): Statement =>
    quickly(`LOCK TABLE ${isOnly ? "ONLY " : ""}${qualify(on.schema, on.name)} IN SHARE ROW EXCLUSIVE MODE`, {
      locks: [lock("SHARE ROW EXCLUSIVE", on, !isOnly)],
      hazards: ["blocks writes"],
    });
  const referencing = facts.referencedBy.filter(
    (each, at, all) => all.findIndex((other) => isSameTable(other, each)) === at,
  );
  return {
    locks: [
      ...referencing.map((each) => lockTable(each, false)),
      lockTable(fallback, false),
      quickly("SET LOCAL row_security = off"),
      ...facts.referencedBy.map((each) =>
        atLength(`SELECT EXISTS (${referencingRows(each, fallback, predicate)})`, {
          scans: true,
          refusesIfTrue: {
            message: `${each.schema}.${each.name} references rows of the default partition that would be moved (${each.constraint})`,
            hint: moveByHand(each),
          },
        }),
      ),
    ],
    statements: [
      atLength(
        `WITH moved AS (DELETE FROM ${from} WHERE ${predicate} RETURNING ${columns}) INSERT INTO ${qualify(partition.schema, partition.name)} (${columns}) SELECT ${columns} FROM moved`,
        {
          locks: [lock("ROW EXCLUSIVE", fallback, true)],
          scans: true,
          ...(defaultSize && { size: defaultSize }),
          hazards: ["takes long on a big table", "blocks writes"],
        },
      ),
    ],
  };
}

/** A query of the rows that reference a row of `table` inside `predicate`. */
export function referencingRows(key: ReferencingColumns, table: TableName, predicate: string): string {
  const inside = `(SELECT * FROM ${qualify(table.schema, table.name)} WHERE ${predicate}) AS inside`;
  const same = key.columns.map(
    (column, at) =>
      `referencing.${quoteIdentifier(column)} = inside.${quoteIdentifier(key.referencedColumns[at] ?? "")}`,
  );
  return `SELECT 1 FROM ${qualify(key.schema, key.name)} AS referencing JOIN ${inside} ON ${same.join(" AND ")}`;
}

interface ReferencingColumns extends TableName {
  readonly columns: readonly string[];
  readonly referencedColumns: readonly string[];
}

/** What to do where a foreign key stands in the way of moving rows. */
export function moveByHand({
  schema,
  name,
  constraint,
}: TableName & { readonly constraint: string }): string {
  return `Drop the foreign key ${constraint} of ${schema}.${name}, make the partition with moveFromDefault: true, then add the key again (it is added NOT VALID and validated after that).`;
}
