import { UserError } from "../../../lib/errors.ts";
import { indexCatalog, type IndexCatalog } from "../catalog.ts";
import { readIndex, readIndexedTable } from "../catalogue/indexes.ts";
import { parseIndex } from "../check/index-check.ts";
import { planIndexChange, planIndexCreate, planIndexDrop, type IndexedTable } from "../plan/index-plan.ts";
import type { Kind } from "./kind.ts";
import type { IndexSpec } from "../spec.ts";

const methods = ["btree", "hash", "gin", "gist", "brin"] as const;

export const indexKind: Kind<IndexSpec, IndexCatalog, IndexedTable> = {
  type: "Index",
  noun: "index",
  idForm: "schema.index",
  catalog: indexCatalog,
  parse: parseIndex,
  idOf: (spec) => [spec.schema, spec.name],
  read: (session, [schema = "", name = ""]) => readIndex(session, schema, name),
  facts: (session, spec) => readIndexedTable(session, spec),
  adopt: adoptIndex,
  beyondSpec: (live) => live.beyondSpec,
  manage: (live) => ({ live, extras: [] }),
  drift: ({ spec, catalog }, live) => {
    const found = adoptIndex(live);
    const { unique, method } = { ...spec, ...(isDefinition(catalog, live) ? {} : found) };
    return {
      ...spec,
      table: catalog.table === live.table ? spec.table : live.table,
      columns: isDefinition(catalog, live) ? spec.columns : live.columns,
      ...(unique !== undefined && { unique }),
      ...(method !== undefined && { method }),
    };
  },
  isLeftover: (live, spec) =>
    !live.isValid &&
    live.table === spec.table &&
    live.columns.join("\0") === spec.columns.join("\0") &&
    live.isUnique === (spec.unique ?? false) &&
    live.method === (spec.method ?? "btree"),
  planCreate: (spec, table) => planIndexCreate(spec, table),
  difference: async (live, _recorded, wanted, ask) => {
    const table = live.isValid ? undefined : await ask.facts();
    return planIndexChange(live, wanted, table);
  },
  planDrop: planIndexDrop,
};

function adoptIndex(live: IndexCatalog): IndexSpec {
  const method = methods.find((each) => each === live.method);
  if (!method) {
    throw new UserError(
      "kind",
      `index ${live.schema}.${live.name} has the access method ${live.method}; known here are ${methods.join(", ")}`,
      "Leave it to whoever made it.",
    );
  }
  return {
    schema: live.schema,
    table: live.table,
    name: live.name,
    columns: live.columns,
    ...(live.isUnique && { unique: true }),
    ...(method !== "btree" && { method }),
  };
}

function isDefinition(a: IndexCatalog, b: IndexCatalog): boolean {
  return a.columns.join("\0") === b.columns.join("\0") && a.isUnique === b.isUnique && a.method === b.method;
}
