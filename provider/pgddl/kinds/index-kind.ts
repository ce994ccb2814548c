import { UserError } from "../../../lib/errors.ts";
import { indexCatalog, type IndexCatalog } from "../catalog.ts";
import { readIndex, readIndexWords } from "../catalogue/indexes.ts";
import { readIndexedTable } from "../catalogue/indexed-table.ts";
import { indexMethods, parseIndex } from "../check/index-check.ts";
import { planIndexCreate } from "../plan/index-build.ts";
import {
  canonicalKey,
  definitionOf,
  definitionWanted,
  hasTexts,
  isSameDefinition,
  type IndexDefinition,
} from "../plan/index-definition.ts";
import { duplicatesQuestion, uniqueRefusals } from "../plan/index-duplicates.ts";
import {
  indexQuestions,
  nameOfBuild,
  planIndexChange,
  planIndexDrop,
  type IndexAround,
  type IndexChange,
} from "../plan/index-plan.ts";
import { noAnswers } from "../plan/question.ts";
import type { Kind, Questions, Recorded } from "./kind.ts";
import type { IndexSpec } from "../spec.ts";

export const indexKind: Kind<IndexSpec, IndexCatalog> = {
  type: "Index",
  noun: "index",
  idForm: "schema.index",
  isReplaceable: true,
  catalog: indexCatalog,
  parse: parseIndex,
  idOf: (spec) => [spec.schema, spec.name],
  formerIdOf: ({ schema, renamedFrom }) => (renamedFrom === undefined ? undefined : [schema, renamedFrom]),
  idOfLive: (live) => [live.schema, live.name],
  oidOf: (live) => live.oid,
  read: (session, [schema = "", name = ""], oid) => readIndex(session, schema, name, oid),
  tables: [
    {
      path: "table",
      live: ({ schema, table }) => ({ schema, name: table }),
      wanted: ({ schema, table }) => ({ schema, name: table }),
      renamed: (live, table) => ({ ...live, table }),
    },
  ],
  adopt: adoptIndex,
  beyondSpec: (live) => live.beyondSpec,
  manage: (live) => ({ live, extras: [] }),
  drift,
  isLeftover: (live, spec) =>
    !live.isValid &&
    live.constraint === undefined &&
    live.table === spec.table &&
    // The texts are the server's on one side, and an index that is not valid is of use to nobody.
    isSameDefinition(shapeOf(definitionOf(live)), shapeOf(definitionWanted(spec))),
  planCreate: async (spec, ask) => {
    const table = await ask.read((session) =>
      readIndexedTable(session, { schema: spec.schema, name: spec.table }, spec.name),
    );
    const isAsked = spec.unique === true && table?.isEmpty === false;
    const answers = isAsked ? await ask.answers([duplicatesQuestion(spec)], table.owner) : noAnswers;
    const refusals = uniqueRefusals(spec, table, answers);
    return { plan: refusals.length > 0 ? [] : planIndexCreate(spec, table), refusals, warnings: [] };
  },
  difference: async (live, recorded, wanted, ask) => {
    const said = await sayWanted(live, recorded, wanted, ask);
    const change = { live, before: recorded.spec, wanted, said };
    return planIndexChange(change, await askAround(change, ask));
  },
  planDrop: async (live, _spec, ask) => {
    const on = { schema: live.schema, name: live.table };
    const table = live.isValid
      ? undefined
      : await ask.read((session) => readIndexedTable(session, on, live.name));
    return planIndexDrop(live, table);
  },
};

/** The wanted definition in the server's words; it is asked only where the texts differ. */
async function sayWanted(
  live: IndexCatalog,
  recorded: Recorded<IndexSpec, IndexCatalog>,
  wanted: IndexSpec,
  ask: Questions,
): Promise<IndexDefinition> {
  const said = definitionWanted(wanted);
  if (isSameDefinition(said, definitionOf(live)) || !hasTexts(wanted)) return said;
  // What the server made of the same texts last time. After a create that adopts and is cut off the state has texts
  // that the server has not seen yet.
  const isAsBefore = isSameDefinition(definitionWanted(recorded.spec), said);
  if (isAsBefore && wanted.adopt !== true) return definitionOf(recorded.catalog);
  return (await ask.read((session) => readIndexWords(session, wanted))) ?? said;
}

async function askAround(change: IndexChange, ask: Questions): Promise<IndexAround> {
  const name = nameOfBuild(change);
  if (name === undefined) return { answers: noAnswers };
  const { live } = change;
  const table = await ask.read((session) =>
    readIndexedTable(session, { schema: live.schema, name: live.table }, name),
  );
  return { table, answers: await ask.answers(indexQuestions(change), live.owner) };
}

/** @throws UserError for an index that is no object of its own, or of a sort that a spec cannot say */
function adoptIndex(live: IndexCatalog): IndexSpec {
  const id = `${live.schema}.${live.name}`;
  const refuse = (what: string, hint: string): UserError =>
    new UserError("kind", `index ${id} ${what}`, hint);
  if (live.constraint !== undefined) {
    const hint = `It belongs to the Table's key: declare it in primaryKey or uniques of ${live.schema}.${live.table}.`;
    throw refuse(`is that of the constraint ${live.constraint}`, hint);
  }
  if (live.isInherited === true) {
    throw refuse(
      "comes from the partitioned table above it",
      "Import that table's index: it covers its partitions.",
    );
  }
  if (indexMethods.every((each) => each !== live.method)) {
    throw refuse(
      `has the access method ${live.method}; known here are ${indexMethods.join(", ")}`,
      "Leave it to whoever made it.",
    );
  }
  return specOf(live);
}

/** The inputs that say the same as the catalogue. */
function specOf(live: IndexCatalog): IndexSpec {
  const { schema, table, name, columns, nullsNotDistinct, include, where, storageParameters, comment } = live;
  const method = indexMethods.find((each) => each === live.method);
  return {
    ...{ schema, table, name, columns: columns.map(canonicalKey) },
    ...(live.isUnique && { unique: true }),
    ...(nullsNotDistinct === true && { nullsNotDistinct }),
    ...(method && method !== "btree" && { method }),
    ...(include && { include }),
    ...(where !== undefined && { where }),
    ...(storageParameters && { storageParameters }),
    ...(comment !== undefined && { comment }),
  };
}

/** Property by property: as recorded where the catalogue is as it was, as found where it is not. */
function drift({ spec, catalog }: Recorded<IndexSpec, IndexCatalog>, live: IndexCatalog): IndexSpec {
  const [was, found] = [specOf(catalog), specOf(live)];
  const pick = <T>(of: (from: IndexSpec) => T): T =>
    JSON.stringify(of(was)) === JSON.stringify(of(found)) ? of(spec) : of(found);
  const unique = pick((from) => from.unique);
  const nullsNotDistinct = pick((from) => from.nullsNotDistinct);
  const method = pick((from) => from.method);
  const include = pick((from) => from.include);
  const where = pick((from) => from.where);
  const storageParameters = pick((from) => from.storageParameters);
  const comment = pick((from) => from.comment);
  return {
    schema: pick((from) => from.schema),
    table: pick((from) => from.table),
    name: pick((from) => from.name),
    columns: pick((from) => from.columns),
    ...(unique !== undefined && { unique }),
    ...(nullsNotDistinct !== undefined && { nullsNotDistinct }),
    ...(method !== undefined && { method }),
    ...(include && { include }),
    ...(where !== undefined && { where }),
    ...(storageParameters && { storageParameters }),
    ...(comment !== undefined && { comment }),
    ...(spec.renamedFrom !== undefined && { renamedFrom: spec.renamedFrom }),
    ...(spec.adopt !== undefined && { adopt: spec.adopt }),
  };
}

/** A definition without what the server may word otherwise. */
function shapeOf(definition: IndexDefinition): IndexDefinition {
  const { columns, where, ...rest } = definition;
  const keys = columns.map((key) => (typeof key === "string" ? key : (key.name ?? "(…)")));
  return { ...rest, columns: keys, where: where === undefined ? undefined : "…" };
}
