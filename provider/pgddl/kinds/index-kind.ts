import { UserError } from "../../../lib/errors.ts";
import { indexCatalog, type IndexCatalog } from "../catalog.ts";
import { readIndex, readIndexedTable } from "../catalogue/indexes.ts";
import { parseIndex } from "../check/index-check.ts";
import { planIndexChange, planIndexCreate, planIndexDrop } from "../plan/index-plan.ts";
import type { Kind } from "./kind.ts";
import type { IndexSpec } from "../spec.ts";

const methods = ["btree", "hash", "gin", "gist", "brin"] as const;

export const indexKind: Kind<IndexSpec, IndexCatalog> = {
  type: "Index",
  noun: "index",
  idForm: "schema.index",
  catalog: indexCatalog,
  parse: parseIndex,
  idOf: (spec) => [spec.schema, spec.name],
  formerIdOf: ({ schema, renamedFrom }) => (renamedFrom === undefined ? undefined : [schema, renamedFrom]),
  idOfLive: (live) => [live.schema, live.name],
  oidOf: (live) => live.oid,
  read: (session, [schema = "", name = ""]) => readIndex(session, schema, name),
  adopt: adoptIndex,
  beyondSpec: (live) => live.beyondSpec,
  manage: (live) => ({ live, extras: [] }),
  drift: ({ spec, catalog }, live) => {
    const found = adoptIndex(live);
    const { unique, method } = { ...spec, ...(isDefinition(catalog, live) ? {} : found) };
    return {
      ...spec,
      table: catalog.table === live.table ? spec.table : live.table,
      columns: isDefinition(catalog, live) ? spec.columns : found.columns,
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
  planCreate: async (spec, ask) => {
    const table = await ask.read((session) => readIndexedTable(session, spec));
    return { plan: planIndexCreate(spec, table), refusals: [], warnings: [] };
  },
  difference: async (live, _recorded, wanted, ask) => {
    const table = live.isValid ? undefined : await ask.read((session) => readIndexedTable(session, wanted));
    return planIndexChange(live, wanted, table);
  },
  planDrop: async (live) => ({ plan: planIndexDrop(live), refusals: [], warnings: [] }),
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
    columns: live.columns.map((key) => (typeof key === "string" ? key : "")),
    ...(live.isUnique && { unique: true }),
    ...(method !== "btree" && { method }),
  };
}

function isDefinition(a: IndexCatalog, b: IndexCatalog): boolean {
  return a.columns.join("\0") === b.columns.join("\0") && a.isUnique === b.isUnique && a.method === b.method;
}
