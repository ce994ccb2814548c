import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isProperties, type Properties } from "../../provider/host/values.ts";
import {
  foreignKeyCatalog,
  indexCatalog,
  partitionCatalog,
  tableCatalog,
  type TableCatalog,
} from "../../provider/pgddl/catalog.ts";
import { renderRefusals, type Difference } from "../../provider/pgddl/plan/difference.ts";
import {
  planForeignKeyChange,
  planForeignKeyCreate,
  planForeignKeyDrop,
} from "../../provider/pgddl/plan/foreign-key-plan.ts";
import { parseForeignKey, parseIndex } from "../../provider/pgddl/check/index-check.ts";
import {
  planIndexChange,
  planIndexCreate,
  planIndexDrop,
  type IndexedTable,
} from "../../provider/pgddl/plan/index-plan.ts";
import { parsePartition } from "../../provider/pgddl/check/partition-check.ts";
import {
  planPartitionChange,
  planPartitionCreate,
  planPartitionDrop,
} from "../../provider/pgddl/plan/partition-plan.ts";
import { toProperties } from "../../provider/pgddl/plain-value.ts";
import type { TableSpec } from "../../provider/pgddl/spec.ts";
import { renderPlan, type Plan } from "../../provider/pgddl/plan/statement.ts";
import { parseTable, type Parsed } from "../../provider/pgddl/check/table-check.ts";
import { planTableChange, planTableCreate, planTableDrop } from "../../provider/pgddl/plan/table-plan.ts";
import { wantTable } from "../../provider/pgddl/plan/wanted-table.ts";

const folder = join(import.meta.dirname, "../fixtures/ddl");

/**
 * One case: `before.json` and `after.json` hold a resource's inputs, or null where there is none; `live.json`
 * says what the catalogue has otherwise than `before` would make it; `facts.json` what is around it.
 * The folder's name begins with the type: `table-…`, `partition-…`, `index-…`, `foreign-key-…`.
 */
export interface DdlCase {
  readonly name: string;
  readonly folder: string;
  readonly before: Properties | undefined;
  readonly after: Properties | undefined;
  readonly live: Properties;
  readonly facts: Properties | undefined;
}

export function ddlCases(): readonly DdlCase[] {
  return readdirSync(folder).map((name) => {
    const read = (file: string): Properties | undefined => {
      const path = join(folder, name, file);
      const content: unknown = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
      return typeof content === "object" && content !== null ? toProperties(content) : undefined;
    };
    return {
      name,
      folder: join(folder, name),
      before: read("before.json"),
      after: read("after.json"),
      live: read("live.json") ?? {},
      facts: read("facts.json"),
    };
  });
}

/** The text of the plan, or of the refusal. */
export function outcomeOf(subject: DdlCase): {
  readonly file: "plan.txt" | "refusal.txt";
  readonly text: string;
} {
  const type = /^(table|partition|index|foreign-key)-/.exec(subject.name)?.[1] ?? "";
  const outcome = planners[type]?.(subject);
  if (!outcome) throw new Error(`${subject.name} begins with no known type`);
  const { plan, refusals = [] } = "plan" in outcome ? outcome : { plan: outcome };
  if (refusals.length > 0)
    return { file: "refusal.txt", text: `${renderRefusals(subject.name, refusals)}\n` };
  const changes = "changes" in outcome ? outcome.changes.map(({ path, kind }) => `${kind} ${path}\n`) : [];
  return { file: "plan.txt", text: [...changes, ...renderPlan(plan).map((line) => `${line}\n`)].join("") };
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
  };
}

function named(
  key: { readonly name?: string; readonly columns: readonly string[] },
  name: string,
): { name: string; columns: string[] } {
  return { name: key.name ?? name, columns: [...key.columns] };
}

const planners: Readonly<Record<string, (subject: DdlCase) => Plan | Difference>> = {
  table: ({ before, after, live }) => {
    if (!before) return planTableCreate(specOf(parseTable(after ?? {})));
    const spec = specOf(parseTable(before));
    const catalog = tableCatalog.parse({ ...toProperties(catalogOf(spec)), ...live });
    if (!after) return planTableDrop(catalog);
    return planTableChange(catalog, wantTable(specOf(parseTable(after)), { spec, catalog: catalogOf(spec) }));
  },
  partition: ({ before, after, live, facts }) => {
    const parent = facts && { owner: "shop_owner", hasDefault: facts["hasDefault"] === true };
    if (!before) return planPartitionCreate(specOf(parsePartition(after ?? {})), parent);
    const { bound, parent: name, parentSchema, partitionBy, ...rest } = specOf(parsePartition(before));
    const attached = {
      parent: name,
      parentSchema: parentSchema ?? rest.schema,
      bound,
      isDetachPending: false,
    };
    const catalog = partitionCatalog.parse(
      toProperties({ oid: "1", owner: "shop_owner", ...rest, attached, partitionBy, ...nullsOut(live) }),
    );
    return after ? planPartitionChange(catalog, specOf(parsePartition(after))) : planPartitionDrop(catalog);
  },
  index: ({ before, after, live, facts }) => {
    const table: IndexedTable | undefined = facts && {
      owner: "shop_owner",
      isPartitioned: facts["isPartitioned"] === true,
      isEmpty: facts["isEmpty"] === true,
      below: listOf(facts["below"]).map((each) => ({
        schema: "shop",
        name: textOf(each["name"]),
        parentSchema: "shop",
        parent: textOf(each["parent"]),
        isPartitioned: each["isPartitioned"] === true,
      })),
      leftovers: listOf(facts["leftovers"]).map((each) => ({
        schema: "shop",
        name: textOf(each["name"]),
        isValid: each["isValid"] === true,
        isAttached: each["isAttached"] === true,
      })),
    };
    if (!before) return planIndexCreate(specOf(parseIndex(after ?? {})), table);
    const { unique = false, method = "btree", ...rest } = specOf(parseIndex(before));
    const state = {
      oid: "1",
      owner: "shop_owner",
      isUnique: unique,
      method,
      isValid: true,
      isPartitioned: false,
    };
    const catalog = indexCatalog.parse(toProperties({ ...rest, ...state, ...live }));
    return after ? planIndexChange(catalog, specOf(parseIndex(after)), table) : planIndexDrop(catalog);
  },
  "foreign-key": ({ before, after, live, facts }) => {
    const table = facts && { owner: "shop_owner", canWaitToValidate: facts["canWaitToValidate"] !== false };
    if (!before) return planForeignKeyCreate(specOf(parseForeignKey(after ?? {})), table);
    const {
      references,
      onDelete = "no action",
      onUpdate = "no action",
      ...rest
    } = specOf(parseForeignKey(before));
    const referenced = {
      referencedSchema: references.schema ?? rest.schema,
      referencedTable: references.table,
      referencedColumns: references.columns,
    };
    const state = { oid: "1", owner: "shop_owner", onDelete, onUpdate, isValidated: true };
    const catalog = foreignKeyCatalog.parse(toProperties({ ...rest, ...referenced, ...state, ...live }));
    return after
      ? planForeignKeyChange(catalog, specOf(parseForeignKey(after)))
      : planForeignKeyDrop(catalog);
  },
};

function specOf<Spec>({ spec, faults }: Parsed<Spec>): Spec {
  if (spec) return spec;
  throw new Error(faults.map(({ property, reason }) => `${property} ${reason}`).join("\n"));
}

/** In live.json, null takes a property away. */
function nullsOut(live: Properties): Record<string, unknown> {
  return Object.fromEntries(Object.entries(live).map(([key, value]) => [key, value ?? undefined]));
}

function listOf(value: Properties[string]): readonly Properties[] {
  return Array.isArray(value) ? value.filter(isProperties) : [];
}

function textOf(value: Properties[string]): string {
  return typeof value === "string" ? value : "";
}
