import { UserError } from "../../../lib/errors.ts";
import { tableCatalog, type KeyCatalog, type TableCatalog } from "../catalog.ts";
import { readTable } from "../catalogue/tables.ts";
import type { Kind, Managed, Questions, Recorded } from "./kind.ts";
import type { CheckSpec, ColumnSpec, KeySpec, TableSpec } from "../spec.ts";
import { parseTable } from "../check/table-check.ts";
import { planTableCreate, planTableDrop } from "../plan/table-create-plan.ts";
import { partitionText } from "../plan/table-options-plan.ts";
import { planTableChange, tableQuestions } from "../plan/table-plan.ts";
import { needsServer, wantTable } from "../plan/wanted-table.ts";

export const tableKind: Kind<TableSpec, TableCatalog> = {
  type: "Table",
  noun: "table",
  idForm: "schema.table",
  catalog: tableCatalog,
  parse: parseTable,
  idOf: (spec) => [spec.schema, spec.name],
  formerIdOf: ({ schema, renamedFrom }) => (renamedFrom === undefined ? undefined : [schema, renamedFrom]),
  idOfLive: (live) => [live.schema, live.name],
  oidOf: (live) => live.oid,
  read: (session, [schema = "", name = ""]) => readTable(session, schema, name),
  adopt: adoptTable,
  beyondSpec: (live) => {
    const columns = live.columns.flatMap(({ name, beyondSpec }) =>
      beyondSpec ? [`${name} ${beyondSpec}`] : [],
    );
    const key = live.partitionBy?.isBeyondSpec === true ? ["a partition key with an expression"] : [];
    return [...columns, ...key].join(", ") || undefined;
  },
  manage: manageTable,
  drift: driftOfTable,
  isLeftover: () => false,
  planCreate: async (spec) => ({ plan: planTableCreate(spec), refusals: [], warnings: [] }),
  difference: async (live, recorded, wanted, ask) => {
    const words = needsServer(wanted, live, recorded) ? await ask.words(wanted) : undefined;
    const said = wantTable(wanted, recorded, words);
    const checks = await settleChecks(said.checks, live, wanted, ask);
    const change = { live, wanted: { ...said, checks }, recorded };
    return planTableChange(change, await ask.answers(tableQuestions(change), live.owner));
  },
  planDrop: async (live) => ({ plan: planTableDrop(live, []), refusals: [], warnings: [] }),
};

/**
 * Checks that differ as texts, said once more by the server, both sides: what it prints is not always printed
 * the same when it reads it again (the AND in a BETWEEN nests, the AND that it is printed as does not).
 */
async function settleChecks(
  checks: readonly CheckSpec[],
  live: TableCatalog,
  wanted: TableSpec,
  ask: Questions,
): Promise<readonly CheckSpec[]> {
  const pairs = checks.flatMap((check, at) => {
    const there = live.checks.find((each) => each.name === check.name);
    if (!there || there.expression === check.expression) return [];
    const sides = [`wanted_${at}`, `live_${at}`] as const;
    return [{ name: check.name, sides, texts: [check.expression, there.expression] as const }];
  });
  if (pairs.length === 0) return checks;
  const asked = pairs.flatMap(({ sides, texts }) => [
    { name: sides[0], expression: texts[0] },
    { name: sides[1], expression: texts[1] },
  ]);
  const { schema, name, columns } = wanted;
  const words = await ask.words({ schema, name, columns, checks: asked }).catch((error: unknown) => {
    // The live check may speak of a column that is to go or to change; then they differ for certain.
    if (error instanceof UserError && error.code === "sql") return undefined;
    throw error;
  });
  if (!words) return checks;
  const said = (side: string): string | undefined =>
    words.checks.find((each) => each.name === side)?.expression;
  return checks.map((check) => {
    const pair = pairs.find(({ name }) => name === check.name);
    return pair && said(pair.sides[0]) === said(pair.sides[1])
      ? { ...check, expression: pair.texts[1] }
      : check;
  });
}

/** The inputs that say the same as the catalogue. */
export function adoptTable(live: TableCatalog): TableSpec {
  const inKey = live.primaryKey?.columns ?? [];
  const { primaryKey, uniques, checks, partitionBy, comment } = live;
  return {
    schema: live.schema,
    name: live.name,
    owner: live.owner,
    columns: live.columns.map((column) => ({
      name: column.name,
      type: column.type,
      // Said where it is not a matter of course.
      ...(column.notNull && !inKey.includes(column.name) && { notNull: true }),
      ...(column.default !== undefined && { default: column.default }),
    })),
    ...(primaryKey && { primaryKey }),
    ...(uniques.length > 0 && { uniques }),
    ...(checks.length > 0 && { checks: checks.map(({ name, expression }) => ({ name, expression })) }),
    ...(partitionBy && { partitionBy: { strategy: partitionBy.strategy, columns: partitionBy.columns } }),
    ...(comment !== undefined && { comment }),
  };
}

function manageTable(live: TableCatalog, specs: readonly TableSpec[]): Managed<TableCatalog> {
  const columns = new Set(specs.flatMap((spec) => spec.columns.map((column) => column.name)));
  const checks = new Set(specs.flatMap((spec) => spec.checks?.map((check) => check.name) ?? []));
  const uniques = specs.flatMap((spec) => spec.uniques ?? []);
  const isUniqueKnown = (key: KeyCatalog): boolean => uniques.some((unique) => isKey(key, unique));
  const { primaryKey, comment, ...rest } = live;
  const isKeyKnown = specs.some((spec) => spec.primaryKey);
  const isCommentKnown = specs.some((spec) => spec.comment !== undefined);
  return {
    live: {
      ...rest,
      columns: live.columns.filter((column) => columns.has(column.name)),
      checks: live.checks.filter((check) => checks.has(check.name)),
      uniques: live.uniques.filter(isUniqueKnown),
      ...(primaryKey && isKeyKnown && { primaryKey }),
      ...(comment !== undefined && isCommentKnown && { comment }),
    },
    extras: [
      ...live.columns
        .filter((each) => !columns.has(each.name))
        .map((each) => `column ${each.name} ${each.type}`),
      ...live.checks.filter((each) => !checks.has(each.name)).map((each) => `check ${each.name}`),
      ...live.uniques.filter((each) => !isUniqueKnown(each)).map((each) => `unique constraint ${each.name}`),
      ...(primaryKey && !isKeyKnown ? [`primary key ${primaryKey.name}`] : []),
    ],
  };
}

function driftOfTable({ spec, catalog }: Recorded<TableSpec, TableCatalog>, live: TableCatalog): TableSpec {
  const checks = spec.checks?.flatMap((check): CheckSpec[] => {
    const there = live.checks.find((each) => each.name === check.name);
    const before = catalog.checks.find((each) => each.name === check.name);
    if (!there) return [];
    return [there.expression === before?.expression ? check : { ...check, expression: there.expression }];
  });
  const uniques = spec.uniques?.filter((unique) => live.uniques.some((key) => isKey(key, unique)));
  const { primaryKey } = spec;
  const liveKey = live.primaryKey;
  const isKeyKept = primaryKey && liveKey && isKey(liveKey, primaryKey);
  const isSplitKept = partitionText(catalog.partitionBy) === partitionText(live.partitionBy);
  const partitionBy = isSplitKept ? spec.partitionBy : adoptTable(live).partitionBy;
  const comment = catalog.comment === live.comment ? spec.comment : live.comment;
  const owner = catalog.owner === live.owner ? spec.owner : live.owner;
  return {
    schema: spec.schema,
    name: spec.name,
    ...(spec.owner !== undefined && owner !== undefined && { owner }),
    columns: spec.columns.flatMap((column) => driftOfColumn(column, catalog, live)),
    ...(primaryKey && liveKey && { primaryKey: isKeyKept ? primaryKey : liveKey }),
    ...(uniques && uniques.length > 0 && { uniques }),
    ...(checks && checks.length > 0 && { checks }),
    ...(partitionBy && { partitionBy }),
    ...(comment !== undefined && { comment }),
  };
}

function driftOfColumn(column: ColumnSpec, catalog: TableCatalog, live: TableCatalog): ColumnSpec[] {
  const there = live.columns.find((each) => each.name === column.name);
  const before = catalog.columns.find((each) => each.name === column.name);
  if (!there) return [];
  if (!before) return [column];
  const notNull = there.notNull === before.notNull ? column.notNull : there.notNull;
  const expression = there.default === before.default ? column.default : there.default;
  return [
    {
      name: column.name,
      type: there.type === before.type ? column.type : there.type,
      ...(notNull !== undefined && { notNull }),
      ...(expression !== undefined && { default: expression }),
    },
  ];
}

/** Whether `key` is the one that `spec` means: by columns, and by name where it gives one. */
function isKey(key: KeyCatalog, spec: KeySpec): boolean {
  const isNamed = spec.name === undefined || spec.name === key.name;
  return isNamed && key.columns.join("\0") === spec.columns.join("\0");
}
