import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { ForeignKeyCatalog } from "../catalog.ts";
import type { Difference, Refusal } from "./difference.ts";
import type { ForeignKeySpec } from "../spec.ts";
import { atLength, quickly, type Plan, type Step } from "./statement.ts";

/** What there is of the referencing table that a plan depends on. */
export interface ReferencingTable {
  readonly owner: string;
  /** Whether ADD CONSTRAINT … NOT VALID works: not on a partitioned table before PostgreSQL 18. */
  readonly canWaitToValidate: boolean;
}

/**
 * Adds the key without looking at rows, commits, then validates it: rows are read under a lock that lets writes go on.
 * @param table undefined in a preview in which the table is still to be made
 */
export function planForeignKeyCreate(spec: ForeignKeySpec, table: ReferencingTable | undefined): Plan {
  const role = table && { role: table.owner };
  const canWait = table?.canWaitToValidate !== false;
  const own = { schema: spec.schema, name: spec.table };
  const other = { schema: spec.references.schema ?? spec.schema, name: spec.references.table };
  const add = (canWait ? quickly : atLength)(addSql(spec, canWait), {
    locks: [own, other].map((on) => ({ mode: "SHARE ROW EXCLUSIVE" as const, on, withPartitions: true })),
    scans: !canWait,
    hazards: ["blocks writes"],
  });
  return [
    { isTransaction: true, ...role, statements: [add] },
    ...(canWait ? [validateStep(spec, table?.owner)] : []),
  ];
}

export function planForeignKeyChange(live: ForeignKeyCatalog, wanted: ForeignKeySpec): Difference {
  const refusals: Refusal[] = [];
  const refuse = (path: string, from: string, to: string): void => {
    if (from === to) return;
    const why = "a foreign key is not changed in place";
    const hint =
      "Declare another foreign key with a name of its own, and remove this one when that one is there.";
    refusals.push({ path, from, to, why, hint });
  };
  const { references } = wanted;
  refuse("schema", live.schema, wanted.schema);
  refuse("table", live.table, wanted.table);
  refuse("name", live.name, wanted.name);
  refuse("columns", show(live.columns), show(wanted.columns));
  refuse("references.schema", live.referencedSchema, references.schema ?? wanted.schema);
  refuse("references.table", live.referencedTable, references.table);
  refuse("references.columns", show(live.referencedColumns), show(references.columns));
  refuse("onDelete", live.onDelete, wanted.onDelete ?? "no action");
  refuse("onUpdate", live.onUpdate, wanted.onUpdate ?? "no action");
  const unfinished = !live.isValidated && refusals.length === 0;
  return {
    changes: [
      ...(unfinished ? [{ path: "catalog.isValidated", kind: "update" as const }] : []),
      ...refusals.map(({ path }) => ({ path, kind: "update" as const })),
    ],
    refusals,
    warnings: [],
    plan: unfinished ? [validateStep(wanted, live.owner)] : [],
  };
}

export function planForeignKeyDrop(live: ForeignKeyCatalog): Plan {
  const sql = `ALTER TABLE ${qualify(live.schema, live.table)} DROP CONSTRAINT ${quoteIdentifier(live.name)}`;
  const on = [
    { schema: live.schema, name: live.table },
    { schema: live.referencedSchema, name: live.referencedTable },
  ];
  const statement = quickly(sql, {
    locks: on.map((each) => ({ mode: "ACCESS EXCLUSIVE" as const, on: each })),
    hazards: ["drops an object", "blocks reads and writes"],
  });
  return [{ isTransaction: true, role: live.owner, statements: [statement] }];
}

function validateStep(spec: ForeignKeySpec, owner: string | undefined): Step {
  const sql = `ALTER TABLE ${qualify(spec.schema, spec.table)} VALIDATE CONSTRAINT ${quoteIdentifier(spec.name)}`;
  const statement = atLength(sql, {
    locks: [{ mode: "SHARE UPDATE EXCLUSIVE", on: { schema: spec.schema, name: spec.table } }],
    scans: true,
  });
  return { isTransaction: true, ...(owner !== undefined && { role: owner }), statements: [statement] };
}

function addSql(spec: ForeignKeySpec, canWait: boolean): string {
  const { references } = spec;
  const names = (columns: readonly string[]): string => columns.map(quoteIdentifier).join(", ");
  const on = (event: string, action: string | undefined): string =>
    action === undefined || action === "no action" ? "" : ` ON ${event} ${action.toUpperCase()}`;
  return (
    `ALTER TABLE ${qualify(spec.schema, spec.table)} ADD CONSTRAINT ${quoteIdentifier(spec.name)} ` +
    `FOREIGN KEY (${names(spec.columns)}) ` +
    `REFERENCES ${qualify(references.schema ?? spec.schema, references.table)} (${names(references.columns)})` +
    `${on("DELETE", spec.onDelete)}${on("UPDATE", spec.onUpdate)}${canWait ? " NOT VALID" : ""}`
  );
}

function show(columns: readonly string[]): string {
  return `(${columns.join(", ")})`;
}
