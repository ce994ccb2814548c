import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { ColumnCatalog } from "../catalog.ts";
import { dependantsIn, dependantsQuestion, listDependants, type Dependant } from "./column-dependants.ts";
import {
  excusePermissions,
  ofTable,
  offendingRows,
  quotedNow,
  sizeOf,
  tableNow,
} from "./column-questions.ts";
import { columnText } from "./column-sql.ts";
import type { Refusal } from "./difference.ts";
import { Overrides } from "./overrides.ts";
import { existsIn, offendingIn, sizeQuestion, tellOffending, type Question } from "./question.ts";
import { atLength, briefly, quickly, type Statement } from "./statement.ts";
import type { NamedChange, PartBuilder, PlannedChange } from "./table-part.ts";

const held = (name: string): string => `values ${name}`;
const archived = (table: string): string => `archive ${table}`;

export function dropQuestions(change: NamedChange, there: ColumnCatalog): readonly Question[] {
  const table = tableNow(change);
  const archive = change.wanted.archiveTo?.[there.name];
  const hasValues = `${quotedNow(change, there.name)} IS NOT NULL`;
  return [
    dependantsQuestion(table, there.name),
    sizeQuestion(table),
    ...(there.generated === undefined ? [offendingRows(held(there.name), change, hasValues)] : []),
    ...(archive === undefined ? [] : [archiveQuestion(change, archive)]),
  ];
}

/** @param path where the column stood among the live ones */
export function planDropColumn(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  there: ColumnCatalog,
): void {
  const { name } = there;
  const refuse = (why: Pick<Refusal, "why" | "hint">): void => {
    excusePermissions(change, name);
    part.refuse({ path, from: columnText(there), to: "no column", ...why });
  };
  const target = `column:${name}`;
  const archive = change.wanted.archiveTo?.[name];
  const isPermitted = change.overrides.allows("allowDataLoss", target);
  if (change.live.partitionBy?.columns.includes(name) === true) {
    refuse({
      why: `${name} is of the partition key, which PostgreSQL never drops`,
      hint: "Declare a new table without it, partitioned as wanted; copy the rows; then rename the two and drop the old one.",
    });
    return;
  }
  const look = similarTo(change, there);
  if (look !== undefined && archive === undefined && !isPermitted) {
    refuse({
      why: `${look} is to be added in the same place with the same type: one column dropped and another added, or one renamed?`,
      hint: `A rename keeps the values: renamedFrom: ${JSON.stringify(name)} on ${look}. If it is none: ${Overrides.hint("allowDataLoss", target)}.`,
    });
    return;
  }
  const dependants = dependantsIn(change.answers, tableNow(change), name);
  const blocking = dependants?.filter((each) => !goesToo(change, each));
  if (!blocking || blocking.length > 0) {
    refuse(
      blocking
        ? {
            why: `made of ${name}, and not to go with it: ${listDependants(blocking)}`,
            hint: "Remove them first (a resource from the program, in an update before this one). Nothing is dropped by CASCADE.",
          }
        : {
            why: `what is made of ${name} could not be found out`,
            hint: "Run the preview again when the server answers.",
          },
    );
    return;
  }
  if (archive !== undefined && existsIn(change.answers, archived(archive))) {
    refuse({
      why: `${change.live.schema}.${archive}, which it is to be copied to, is there already`,
      hint: "Name another table in archiveTo, or drop or rename that one.",
    });
    return;
  }
  // What a generated column holds follows from the others.
  const isFree = isPermitted || archive !== undefined || there.generated !== undefined;
  const values = isFree ? undefined : offendingIn(change.answers, held(name));
  if (!isFree && (!values || values.count > 0)) {
    refuse({
      why: values
        ? `${name} has values, which would be lost, in ${tellOffending(values)}`
        : `whether ${name} has values, which would be lost, could not be found out`,
      hint: `${Overrides.hint("allowDataLoss", target)} to lose them; or keep a copy of them with the key: archiveTo: { ${JSON.stringify(name)}: ${JSON.stringify(`${change.live.name}_${name}`)} }.`,
    });
    return;
  }
  part.change(path, "delete");
  part.alone("finish", ...dropStatements(change, there, archive, isFree));
}

function dropStatements(
  change: PlannedChange,
  { name, generated }: ColumnCatalog,
  archive: string | undefined,
  isFree: boolean,
): readonly Statement[] {
  const { sql: table, on, rest } = ofTable(change);
  const column = quoteIdentifier(name);
  const drop = briefly(`ALTER TABLE ${table} DROP COLUMN ${column} RESTRICT`, on, rest);
  if (isFree && archive === undefined) {
    return generated === undefined ? [{ ...drop, hazards: ["deletes data", ...drop.hazards] }] : [drop];
  }
  const lock = briefly(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`, on, rest);
  // With row security in force a look would miss rows; off, it fails instead.
  const seeAll = quickly("SET LOCAL row_security = off");
  if (archive !== undefined) {
    const columns = [...(change.live.primaryKey?.columns ?? []), name].map(quoteIdentifier).join(", ");
    const copy = `CREATE TABLE ${qualify(on.schema, archive)} AS SELECT ${columns} FROM ${table} WHERE ${column} IS NOT NULL`;
    return [lock, seeAll, atLength(copy, { scans: true, ...sizeOf(change) }), drop];
  }
  const look = atLength(`SELECT EXISTS (SELECT 1 FROM ${table} WHERE ${column} IS NOT NULL)`, {
    scans: true,
    ...sizeOf(change),
    refusesIfTrue: {
      message: `${name} has values by now; it is not dropped`,
      hint: `${Overrides.hint("allowDataLoss", `column:${name}`)} to lose them.`,
    },
  });
  return [lock, seeAll, look, drop];
}

/** Entries of archiveTo that copy nothing: done, or misspelt. */
export function planStaleArchives(part: PartBuilder, change: PlannedChange): void {
  for (const [column, table] of Object.entries(change.wanted.archiveTo ?? {})) {
    const isToGo =
      change.live.columns.some(({ name }) => name === column) &&
      !change.wanted.columns.some(({ name }) => name === column);
    if (isToGo) continue;
    const before = change.recorded?.spec.archiveTo?.[column];
    if (!change.recorded || before === table) {
      part.warn(`archiveTo names ${column}, which is dropped no more: remove it from the program`);
      continue;
    }
    part.refuse({
      path: `archiveTo.${column}`,
      from: "no such change",
      to: JSON.stringify(table),
      why: "this update does not drop that column, so there is nothing to copy",
      hint: "Correct the name, or remove it.",
    });
  }
}

/** Whether the server drops the constraint along with the column, and the program wants it gone or changed too. */
function goesToo({ live, wanted }: PlannedChange, { kind, name }: Dependant): boolean {
  if (name === null) return false;
  if (kind === "primary key") return live.primaryKey?.name === name;
  if (kind === "unique") return live.uniques.some((unique) => unique.name === name);
  if (kind !== "check") return false;
  const check = live.checks.find((each) => each.name === name);
  const now = wanted.checks.find((each) => each.name === name);
  return check !== undefined && now?.expression !== check.expression;
}

/** The added column that this one may have become: of its type, in its place. */
function similarTo({ live, wanted }: PlannedChange, there: ColumnCatalog): string | undefined {
  const isNew = (name: string): boolean => !live.columns.some((each) => each.name === name);
  const at = live.columns.indexOf(there);
  const before = live.columns[at - 1]?.name;
  return wanted.columns.find(
    (column, place) =>
      isNew(column.name) &&
      column.type === there.type &&
      (place === at || wanted.columns[place - 1]?.name === before),
  )?.name;
}

function archiveQuestion(change: NamedChange, table: string): Question {
  return {
    key: archived(table),
    sql: `
      SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                      WHERE n.nspname = $1 AND c.relname = $2) AS "isThere"`,
    values: [change.live.schema, table],
  };
}
