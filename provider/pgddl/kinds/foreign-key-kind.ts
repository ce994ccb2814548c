import { foreignKeyCatalog, type ForeignKeyCatalog } from "../catalog.ts";
import { readForeignKey, readReferencingTable } from "../catalogue/foreign-keys.ts";
import { planForeignKeyChange, planForeignKeyCreate, planForeignKeyDrop } from "../plan/foreign-key-plan.ts";
import { parseForeignKey } from "../check/index-check.ts";
import type { Kind } from "./kind.ts";
import type { ForeignKeySpec } from "../spec.ts";

export const foreignKeyKind: Kind<ForeignKeySpec, ForeignKeyCatalog> = {
  type: "ForeignKey",
  noun: "foreign key",
  idForm: "schema.table.constraint",
  catalog: foreignKeyCatalog,
  parse: parseForeignKey,
  idOf: (spec) => [spec.schema, spec.table, spec.name],
  formerIdOf: ({ schema, table, renamedFrom }) =>
    renamedFrom === undefined ? undefined : [schema, table, renamedFrom],
  idOfLive: (live) => [live.schema, live.table, live.name],
  oidOf: (live) => live.oid,
  read: (session, [schema = "", table = "", name = ""]) => readForeignKey(session, schema, table, name),
  adopt: adoptForeignKey,
  beyondSpec: (live) => live.beyondSpec,
  manage: (live) => ({ live, extras: [] }),
  drift: ({ spec, catalog }, live) => {
    const isKept = planForeignKeyChange(live, adoptForeignKey(catalog)).refusals.length === 0;
    return isKept ? spec : adoptForeignKey(live);
  },
  isLeftover: (live, spec) => !live.isValidated && planForeignKeyChange(live, spec).refusals.length === 0,
  planCreate: async (spec, ask, leftover) => {
    if (leftover) return planForeignKeyChange(leftover, spec);
    const table = await ask.read((session) => readReferencingTable(session, spec.schema, spec.table));
    return { plan: planForeignKeyCreate(spec, table), refusals: [], warnings: [] };
  },
  difference: async (live, _recorded, wanted) => planForeignKeyChange(live, wanted),
  planDrop: async (live) => ({ plan: planForeignKeyDrop(live), refusals: [], warnings: [] }),
};

function adoptForeignKey(live: ForeignKeyCatalog): ForeignKeySpec {
  const isElsewhere = live.referencedSchema !== live.schema;
  return {
    schema: live.schema,
    table: live.table,
    name: live.name,
    columns: live.columns,
    references: {
      ...(isElsewhere && { schema: live.referencedSchema }),
      table: live.referencedTable,
      columns: live.referencedColumns,
    },
    ...(live.onDelete !== "no action" && { onDelete: live.onDelete }),
    ...(live.onUpdate !== "no action" && { onUpdate: live.onUpdate }),
  };
}
