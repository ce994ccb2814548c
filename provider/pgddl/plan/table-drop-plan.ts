import { z } from "zod";
import { qualify, quoteLiteral } from "../../../lib/identifier.ts";
import type { TableCatalog } from "../catalog.ts";
import type { OverrideSpec } from "../spec.ts";
import { dependantsIn, dependantsQuestion, tellDependants } from "./dependants.ts";
import type { Difference, Refusal } from "./difference.ts";
import { Overrides } from "./overrides.ts";
import { hasRows, rowsQuestion, type Answers, type Question } from "./question.ts";
import { briefly, quickly, type Statement, type TableLock, type TableName } from "./statement.ts";

const aTable = z.object({ schema: z.string(), name: z.string() });

const keep =
  "Or forget it and keep the table: `pulumi state delete URN`, or the option retainOnDelete: true.";

export function tableDropQuestions(live: TableCatalog): readonly Question[] {
  return [rowsQuestion(live), partitionsQuestion(live), linkedQuestion(live), dependantsQuestion(live)];
}

/**
 * DROP TABLE, only if it has no rows, unless they are given up, and no partitions.
 * @param spec the last wanted one, with its permissions
 */
export function planTableDrop(
  live: TableCatalog,
  spec: OverrideSpec | undefined,
  answers: Answers,
): Pick<Difference, "plan" | "refusals" | "warnings"> {
  const overrides = new Overrides(spec ?? {});
  const isWithRows = overrides.allows("allowDataLoss", "rows");
  const refusals = [
    ...partitionRefusals(live, answers),
    ...dependantRefusals(live, answers),
    ...(isWithRows ? [] : rowRefusals(live, answers)),
  ];
  if (refusals.length > 0) return { plan: [], refusals, warnings: [] };
  const looks = lockAndLook(live);
  const linked = z.array(aTable).parse(answers.get(linkedQuestion(live).key) ?? []);
  // The last look is at rows.
  const statements = [...(isWithRows ? looks.slice(0, -1) : looks), drop(live, linked, isWithRows)];
  return { plan: [{ isTransaction: true, role: live.owner, statements }], refusals: [], warnings: [] };
}

function rowRefusals(live: TableCatalog, answers: Answers): readonly Refusal[] {
  // Unknown is left to the look under the lock.
  if (!answers.has(rowsQuestion(live).key) || !hasRows(answers, live)) return [];
  return [
    {
      ...{ path: "name", from: `${live.schema}.${live.name}`, to: "no table" },
      why: "it holds rows, which would be lost",
      hint: `Empty it first, or run an update with ${Overrides.hint("allowDataLoss", "rows")} before removing it. ${keep}`,
    },
  ];
}

function partitionRefusals(live: TableCatalog, answers: Answers): readonly Refusal[] {
  const partitions = z.array(aTable).parse(answers.get(partitionsQuestion(live).key) ?? []);
  if (partitions.length === 0) return [];
  const names = partitions.map(({ schema, name }) => `${schema}.${name}`).join(", ");
  return [
    {
      ...{ path: "name", from: `${live.schema}.${live.name}`, to: "no table" },
      why: `it still has partitions: ${names}`,
      hint: "Remove them first: each Partition resource has to depend on its Table. One that is no resource is detached or dropped by hand.",
    },
  ];
}

function dependantRefusals(live: TableCatalog, answers: Answers): readonly Refusal[] {
  const dependants = dependantsIn(answers, live) ?? [];
  if (dependants.length === 0) return [];
  return [
    {
      ...{ path: "name", from: `${live.schema}.${live.name}`, to: "no table" },
      why: `others depend on it: ${tellDependants(dependants)}`,
      hint: `Remove them first; nothing is dropped along with it. ${keep}`,
    },
  ];
}

function partitionsQuestion(live: TableCatalog): Question {
  return {
    key: `partitions ${live.schema}.${live.name}`,
    sql: `
      SELECT n.nspname AS schema, c.relname AS name
        FROM pg_catalog.pg_inherits h
        JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE h.inhparent = ${regclass(live)} ORDER BY 1, 2 LIMIT 10`,
  };
}

/** Tables that its foreign keys name: the triggers there go with it. */
function linkedQuestion(live: TableCatalog): Question {
  return {
    key: `linked ${live.schema}.${live.name}`,
    sql: `
      SELECT DISTINCT n.nspname AS schema, c.relname AS name
        FROM pg_catalog.pg_constraint f
        JOIN pg_catalog.pg_class c ON c.oid = f.confrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE f.contype = 'f' AND f.conparentid = 0 AND f.conrelid = ${regclass(live)} AND f.confrelid <> f.conrelid
       ORDER BY 1, 2`,
  };
}

function regclass({ schema, name }: TableName): string {
  return `${quoteLiteral(qualify(schema, name))}::regclass`;
}

/** Locks the table, then stops if it has partitions or rows: nobody can add any between the look and the drop. */
export function lockAndLook(on: TableName): readonly Statement[] {
  const table = qualify(on.schema, on.name);
  const name = `${on.schema}.${on.name}`;
  const literal = `${quoteLiteral(table)}::regclass`;
  return [
    briefly(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`, on),
    // With row security in force the look would miss rows; off, it fails instead.
    quickly("SET LOCAL row_security = off"),
    quickly(`SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits WHERE inhparent = ${literal})`, {
      refusesIfTrue: {
        message: `${name} still has partitions; it is not dropped`,
        hint: "Remove its partitions first: each Partition resource has to depend on its Table. A partition that is no resource is detached or dropped by hand.",
      },
    }),
    quickly(`SELECT EXISTS (SELECT 1 FROM ${table})`, {
      refusesIfTrue: {
        message: `${name} holds rows; it is not dropped`,
        hint: "Empty it first, or forget it and keep the table: `pulumi state delete URN`, or the option retainOnDelete: true.",
      },
    }),
  ];
}

/** @param linked tables that its foreign keys name */
function drop(on: TableName, linked: readonly TableName[], isWithRows: boolean): Statement {
  const others = linked.map((name): TableLock => ({
    mode: "ACCESS EXCLUSIVE",
    on: name,
    withPartitions: true,
  }));
  return quickly(`DROP TABLE ${qualify(on.schema, on.name)} RESTRICT`, {
    locks: [{ mode: "ACCESS EXCLUSIVE", on: { schema: on.schema, name: on.name } }, ...others],
    hazards: isWithRows ? ["drops an object", "deletes data"] : ["drops an object"],
  });
}
