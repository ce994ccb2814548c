import { UserError } from "../../../lib/errors.ts";
import { tableCatalog, type TableCatalog } from "../catalog.ts";
import { readTable } from "../catalogue/tables.ts";
import type { Kind, Managed, Questions, Recorded } from "./kind.ts";
import type { CheckSpec, TableSpec } from "../spec.ts";
import { parseTable } from "../check/table-check.ts";
import { adoptColumn, driftOfColumns, manageColumns } from "./table-columns.ts";
import { adoptConstraints, driftOfConstraints, manageConstraints } from "./table-constraints.ts";
import { settleNames } from "../plan/column-names.ts";
import { planTableCreate } from "../plan/table-create-plan.ts";
import { planTableDrop, tableDropQuestions } from "../plan/table-drop-plan.ts";
import { partitionText } from "../plan/partition-by-sql.ts";
import { planTableChange, tableQuestions } from "../plan/table-plan.ts";
import { temporaryName } from "../plan/made-up-name.ts";
import { formerOrSelf, needsServer, wantTable } from "../plan/wanted-table.ts";

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
  read: (session, [schema = "", name = ""], oid) => readTable(session, schema, name, oid),
  adopt: adoptTable,
  beyondSpec: (live) => {
    const columns = live.columns.flatMap(({ name, beyondSpec }) =>
      beyondSpec ? [`${name} ${beyondSpec}`] : [],
    );
    const key = live.partitionBy?.isBeyondSpec === true ? ["a partition key with an expression"] : [];
    return [...columns, ...key, ...(live.beyondSpec ?? [])].join(", ") || undefined;
  },
  manage: manageTable,
  drift: driftOfTable,
  isLeftover: () => false,
  planCreate: async (spec) => ({ plan: planTableCreate(spec), refusals: [], warnings: [] }),
  difference: async (live, recorded, wanted, ask) => {
    const now = await reconsider(live, recorded.spec, wanted, ask);
    const words = needsServer(wanted, now, recorded) ? await ask.words(wanted) : undefined;
    const said = wantTable(wanted, recorded, words);
    const named = settleNames({ live: now, wanted: said, recorded });
    const checks = await settleChecks(said.checks, named.live, wanted, ask);
    const change = { live: now, wanted: { ...said, checks }, recorded };
    return planTableChange(change, await ask.answers(tableQuestions(change), live.owner));
  },
  planDrop: async (live, spec, ask) =>
    planTableDrop(live, spec, await ask.answers(tableDropQuestions(live), live.owner)),
};

/**
 * What is managed follows `enforce`. Turned on, what nobody declares is looked at too; turned off, what only the last
 * inputs hold may be what a refresh has found, and is left alone.
 */
async function reconsider(
  live: TableCatalog,
  before: TableSpec,
  wanted: TableSpec,
  ask: Questions,
): Promise<TableCatalog> {
  const [did, does] = [before.enforce === true, wanted.enforce === true];
  if (did === does) return live;
  if (!does) return manageTable(live, [wanted]).live;
  return (await ask.read((session) => readTable(session, live.schema, live.name, live.oid))) ?? live;
}

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
  const pairs = checks.flatMap((check, at) =>
    [
      formerOrSelf(live.checks, check),
      formerOrSelf(live.checks, { name: temporaryName(check.name) }),
    ].flatMap((there, which) => {
      if (!there || there.expression === check.expression) return [];
      const sides = [`wanted_${at}_${which}`, `live_${at}_${which}`] as const;
      return [{ name: check.name, sides, texts: [check.expression, there.expression] as const }];
    }),
  );
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
    const same = pairs.find(({ name, sides }) => name === check.name && said(sides[0]) === said(sides[1]));
    return same ? { ...check, expression: same.texts[1] } : check;
  });
}

/** The inputs that say the same as the catalogue. */
export function adoptTable(live: TableCatalog): TableSpec {
  const inKey = live.primaryKey?.columns ?? [];
  const { partitionBy, comment, unlogged, tablespace, storageParameters } = live;
  return {
    schema: live.schema,
    name: live.name,
    owner: live.owner,
    columns: live.columns.map((column) => adoptColumn(column, inKey.includes(column.name))),
    ...adoptConstraints(live),
    ...(partitionBy && { partitionBy: { strategy: partitionBy.strategy, columns: partitionBy.columns } }),
    ...(comment !== undefined && { comment }),
    ...(unlogged === true && { unlogged }),
    ...(tablespace !== undefined && { tablespace }),
    ...(storageParameters && { storageParameters }),
  };
}

function manageTable(live: TableCatalog, specs: readonly TableSpec[]): Managed<TableCatalog> {
  const { columns, extras } = manageColumns(live, specs);
  const constraints = manageConstraints(live, specs);
  const { oid, schema, name, owner, partitionBy, comment, unlogged, tablespace } = live;
  const { storageParameters = {}, leftovers, beyondSpec } = live;
  const enforces = specs.at(-1)?.enforce === true;
  const isSaid = (key: "comment" | "tablespace"): boolean =>
    enforces || specs.some((spec) => spec[key] !== undefined);
  const isParameterSaid = (parameter: string): boolean =>
    enforces || specs.some((spec) => spec.storageParameters?.[parameter] !== undefined);
  const parameters = Object.entries(storageParameters);
  const said = parameters.filter(([parameter]) => isParameterSaid(parameter));
  return {
    live: {
      ...{ oid, schema, name, owner, columns, ...constraints.constraints },
      ...(partitionBy && { partitionBy }),
      ...(comment !== undefined && isSaid("comment") && { comment }),
      ...(tablespace !== undefined && isSaid("tablespace") && { tablespace }),
      ...(unlogged === true && { unlogged }),
      ...(said.length > 0 && { storageParameters: Object.fromEntries(said) }),
      ...(leftovers && { leftovers }),
      ...(beyondSpec && { beyondSpec }),
    },
    extras: [
      ...extras,
      ...constraints.extras,
      ...(tablespace !== undefined && !isSaid("tablespace") ? [`tablespace ${tablespace}`] : []),
      ...parameters
        .filter(([parameter]) => !isParameterSaid(parameter))
        .map(([parameter, value]) => `storage parameter ${parameter}=${value}`),
    ],
  };
}

function driftOfTable({ spec, catalog }: Recorded<TableSpec, TableCatalog>, live: TableCatalog): TableSpec {
  const now = <K extends "schema" | "name" | "comment" | "owner" | "unlogged" | "tablespace">(
    key: K,
  ): TableSpec[K] | TableCatalog[K] => (catalog[key] === live[key] ? spec[key] : live[key]);
  const isSplitKept = partitionText(catalog.partitionBy) === partitionText(live.partitionBy);
  const partitionBy = isSplitKept ? spec.partitionBy : adoptTable(live).partitionBy;
  const [comment, owner] = [now("comment"), now("owner")];
  const [unlogged, tablespace] = [now("unlogged"), now("tablespace")];
  const storageParameters = driftOfParameters(spec, catalog, live);
  const { allowDataLoss, allowRewrite, archiveTo, enforce, adopt, renamedFrom } = spec;
  return {
    schema: now("schema"),
    name: now("name"),
    ...(spec.owner !== undefined && owner !== undefined && { owner }),
    columns: driftOfColumns(spec, catalog, live),
    ...driftOfConstraints(spec, catalog, live),
    ...(partitionBy && { partitionBy }),
    ...(comment !== undefined && { comment }),
    ...(unlogged !== undefined && { unlogged }),
    ...(tablespace !== undefined && { tablespace }),
    ...(storageParameters && { storageParameters }),
    ...(allowDataLoss && { allowDataLoss }),
    ...(allowRewrite && { allowRewrite }),
    ...(archiveTo && { archiveTo }),
    ...(enforce !== undefined && { enforce }),
    ...(adopt !== undefined && { adopt }),
    ...(renamedFrom !== undefined && { renamedFrom }),
  };
}

function driftOfParameters(
  spec: TableSpec,
  catalog: TableCatalog,
  live: TableCatalog,
): TableSpec["storageParameters"] {
  const [before, now] = [catalog.storageParameters ?? {}, live.storageParameters ?? {}];
  const isSame = (name: string): boolean => before[name] === now[name];
  const kept = Object.entries(spec.storageParameters ?? {}).filter(([name]) => isSame(name));
  const changed = Object.entries(now).filter(([name]) => !isSame(name));
  const all = [...kept, ...changed];
  return all.length > 0 ? Object.fromEntries(all) : undefined;
}
