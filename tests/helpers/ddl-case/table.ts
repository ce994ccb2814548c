import { tableCatalog, type TableCatalog } from "../../../provider/pgddl/catalog.ts";
import { parseTable } from "../../../provider/pgddl/check/table-check.ts";
import { toProperties } from "../../../provider/pgddl/plain-value.ts";
import { planTableCreate } from "../../../provider/pgddl/plan/table-create-plan.ts";
import { planTableDrop } from "../../../provider/pgddl/plan/table-drop-plan.ts";
import { planTableChange } from "../../../provider/pgddl/plan/table-plan.ts";
import { wantTable } from "../../../provider/pgddl/plan/wanted-table.ts";
import type { TableSpec } from "../../../provider/pgddl/spec.ts";
import { nullsOut, planned, specOf, type DdlCase, type Outcome } from "./case.ts";

export function tableOutcome({ before, after, live, answers }: DdlCase): Outcome {
  if (!before) return planned(planTableCreate(specOf(parseTable(after ?? {}))));
  const spec = specOf(parseTable(before));
  const catalog = tableCatalog.parse(toProperties({ ...toProperties(catalogOf(spec)), ...nullsOut(live) }));
  if (!after) return planTableDrop(catalog, spec, answers);
  const recorded = { spec, catalog: catalogOf(spec) };
  const wanted = wantTable(specOf(parseTable(after)), recorded);
  return planTableChange({ live: catalog, wanted, recorded }, answers);
}

/** What the catalogue would say of a table that was made from `spec`, as far as pure rules go. */
export function catalogOf(spec: TableSpec): TableCatalog {
  const wanted = wantTable(spec);
  return {
    ...{ oid: "1", schema: wanted.schema, name: wanted.name, owner: wanted.owner ?? "someone" },
    columns: wanted.columns.map((column, at) => ({ ...column, attnum: at + 1 })),
    ...(wanted.primaryKey && { primaryKey: named(wanted.primaryKey, `${spec.name}_pkey`) }),
    uniques: wanted.uniques.map((key) => named(key, `${spec.name}_${key.columns.join("_")}_key`)),
    checks: wanted.checks.map((check) => ({ ...check, isValidated: true })),
    ...(wanted.partitionBy && {
      partitionBy: { strategy: wanted.partitionBy.strategy, columns: [...wanted.partitionBy.columns] },
    }),
    ...(wanted.comment !== undefined && { comment: wanted.comment }),
    ...(wanted.unlogged === true && { unlogged: true }),
    ...(wanted.tablespace !== undefined && { tablespace: wanted.tablespace }),
    ...(wanted.storageParameters && { storageParameters: { ...wanted.storageParameters } }),
  };
}

function named(
  key: { readonly name?: string; readonly columns: readonly string[] },
  name: string,
): { name: string; columns: string[] } {
  return { name: key.name ?? name, columns: [...key.columns] };
}
