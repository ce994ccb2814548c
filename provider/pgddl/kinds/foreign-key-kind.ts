import { UserError } from "../../../lib/errors.ts";
import { foreignKeyCatalog, type ForeignKeyCatalog } from "../catalog.ts";
import { readForeignKey, readForeignKeyTables } from "../catalogue/foreign-keys.ts";
import { parseForeignKey } from "../check/foreign-key-check.ts";
import { definitionWanted, differingPaths } from "../plan/foreign-key-facts.ts";
import {
  foreignKeyQuestions,
  needsTables,
  planForeignKeyChange,
  planForeignKeyCreate,
  planForeignKeyDrop,
  type ForeignKeyAround,
} from "../plan/foreign-key-plan.ts";
import { noAnswers } from "../plan/question.ts";
import type { Kind, Questions, Recorded } from "./kind.ts";
import type { ForeignKeySpec } from "../spec.ts";

export const foreignKeyKind: Kind<ForeignKeySpec, ForeignKeyCatalog> = {
  type: "ForeignKey",
  noun: "foreign key",
  idForm: "schema.table.constraint",
  isReplaceable: true,
  catalog: foreignKeyCatalog,
  parse: parseForeignKey,
  idOf: (spec) => [spec.schema, spec.table, spec.name],
  formerIdOf: ({ schema, table, renamedFrom }) =>
    renamedFrom === undefined ? undefined : [schema, table, renamedFrom],
  idOfLive: (live) => [live.schema, live.table, live.name],
  oidOf: (live) => live.oid,
  read: (session, [schema = "", table = "", name = ""], oid) =>
    readForeignKey(session, [schema, table, name], oid),
  tables: [
    {
      path: "table",
      live: ({ schema, table }) => ({ schema, name: table }),
      wanted: ({ schema, table }) => ({ schema, name: table }),
      renamed: (live, table) => ({ ...live, table }),
    },
    {
      path: "references.table",
      live: ({ referencedSchema, referencedTable }) => ({ schema: referencedSchema, name: referencedTable }),
      wanted: ({ schema, references }) => ({ schema: references.schema ?? schema, name: references.table }),
      renamed: (live, referencedTable) => ({ ...live, referencedTable }),
    },
  ],
  adopt: adoptForeignKey,
  beyondSpec: (live) => live.beyondSpec,
  manage: (live) => ({ live, extras: [] }),
  drift,
  isLeftover: (live, spec) =>
    !live.isValidated &&
    live.deferrable === spec.deferrable &&
    differingPaths(live, definitionWanted(spec)).length === 0,
  planCreate: async (spec, ask, leftover) => {
    if (leftover) {
      const change = { live: leftover, before: spec, wanted: spec };
      return planForeignKeyChange(change, await lookAround(spec, ask));
    }
    return planForeignKeyCreate(spec, await lookAround(spec, ask));
  },
  difference: async (live, recorded, wanted, ask) => {
    const change = { live, before: recorded.spec, wanted };
    const around = needsTables(change) ? await lookAround(wanted, ask) : undefined;
    return planForeignKeyChange(change, around);
  },
  planDrop: async (live) => planForeignKeyDrop(live),
};

async function lookAround(spec: ForeignKeySpec, ask: Questions): Promise<ForeignKeyAround> {
  const tables = await ask.read((session) => readForeignKeyTables(session, spec));
  const questions = foreignKeyQuestions(spec, tables);
  const answers = questions.length > 0 ? await ask.answers(questions, tables?.owner) : noAnswers;
  return { tables, answers, isPreview: ask.isPreview };
}

/** @throws UserError for the part that a partition has of a key */
function adoptForeignKey(live: ForeignKeyCatalog): ForeignKeySpec {
  if (live.isInherited === true) {
    throw new UserError(
      "kind",
      `foreign key ${live.name} of ${live.schema}.${live.table} comes from the partitioned table above it`,
      "Import that table's key: it covers its partitions.",
    );
  }
  return specOf(live);
}

/** The inputs that say the same as the catalogue. */
function specOf(live: ForeignKeyCatalog): ForeignKeySpec {
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
    ...(live.deferrable && { deferrable: live.deferrable }),
  };
}

/** Property by property: as recorded where the catalogue is as it was, as found where it is not. */
function drift(
  { spec, catalog }: Recorded<ForeignKeySpec, ForeignKeyCatalog>,
  live: ForeignKeyCatalog,
): ForeignKeySpec {
  const [was, found] = [specOf(catalog), specOf(live)];
  const pick = <T>(of: (from: ForeignKeySpec) => T): T =>
    JSON.stringify(of(was)) === JSON.stringify(of(found)) ? of(spec) : of(found);
  const onDelete = pick((from) => from.onDelete);
  const onUpdate = pick((from) => from.onUpdate);
  const deferrable = pick((from) => from.deferrable);
  return {
    schema: pick((from) => from.schema),
    table: pick((from) => from.table),
    name: pick((from) => from.name),
    columns: pick((from) => from.columns),
    references: pick((from) => from.references),
    ...(onDelete && { onDelete }),
    ...(onUpdate && { onUpdate }),
    ...(deferrable && { deferrable }),
    ...(spec.renamedFrom !== undefined && { renamedFrom: spec.renamedFrom }),
    ...(spec.adopt !== undefined && { adopt: spec.adopt }),
  };
}
