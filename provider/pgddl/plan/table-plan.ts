import { qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { TableCatalog } from "../catalog.ts";
import { columnDifference, columnSql } from "./column-plan.ts";
import type { Change, Difference, Refusal } from "./difference.ts";
import type { KeySpec, PartitionBySpec, TableSpec } from "../spec.ts";
import { atLength, quickly, type Plan, type Statement, type Step } from "./statement.ts";
import type { WantedTable } from "./wanted-table.ts";

const list = (names: readonly string[]): string => names.map(quoteIdentifier).join(", ");
const show = (names: readonly string[]): string => `(${names.join(", ")})`;

/** CREATE TABLE with everything that is its own: columns, sequences, keys, checks, comment. */
export function planTableCreate(spec: TableSpec): Plan {
  const constraint = (name: string | undefined, body: string): string =>
    name === undefined ? body : `CONSTRAINT ${quoteIdentifier(name)} ${body}`;
  const { primaryKey, uniques = [], checks = [], partitionBy, comment } = spec;
  const parts = [
    ...spec.columns.map(columnSql),
    ...(primaryKey ? [constraint(primaryKey.name, `PRIMARY KEY (${list(primaryKey.columns)})`)] : []),
    ...uniques.map((unique) => constraint(unique.name, `UNIQUE (${list(unique.columns)})`)),
    ...checks.map((check) => constraint(check.name, `CHECK (${check.expression})`)),
  ];
  const table = qualify(spec.schema, spec.name);
  const statements = [
    quickly(`CREATE TABLE ${table} (${parts.join(", ")})${partitionBySql(partitionBy)}`),
    ...(comment === undefined ? [] : [commentOn(table, comment)]),
  ];
  return [{ isTransaction: true, ...(spec.owner !== undefined && { role: spec.owner }), statements }];
}

/** ` PARTITION BY …`, or nothing. */
export function partitionBySql(partitionBy: PartitionBySpec | undefined): string {
  return partitionBy
    ? ` PARTITION BY ${partitionBy.strategy.toUpperCase()} (${list(partitionBy.columns)})`
    : "";
}

/** What makes `live` the `wanted` one. `live` holds what is managed only; extras of others are left out by the caller. */
export function planTableChange(live: TableCatalog, wanted: WantedTable): Difference {
  const table = qualify(live.schema, live.name);
  const on = `${live.schema}.${live.name}${live.partitionBy ? " and its partitions" : ""}`;
  const columns = columnDifference(live, wanted, table, on);
  const checks = checkDifference(live, wanted, table, on);
  const comment = wanted.comment === live.comment ? [] : [commentOn(table, wanted.comment, on)];
  const isOwnerNew = wanted.owner !== undefined && wanted.owner !== live.owner;
  const changes: Change[] = [
    ...columns.changes,
    ...checks.changes,
    ...(comment.length > 0 ? [{ path: "comment", kind: kindOf(live.comment, wanted.comment) }] : []),
    ...(isOwnerNew ? [{ path: "owner", kind: "update" as const }] : []),
  ];
  const refusals = [...columns.refusals, ...checks.refusals, ...fixedDifference(live, wanted)];
  const statements = [...columns.statements, ...checks.adding, ...comment];
  const asOwner = { isTransaction: true, role: live.owner };
  const steps: Step[] = [
    ...(statements.length > 0 ? [{ ...asOwner, statements }] : []),
    // Validated after the commit: the strong lock of ADD is not held while the rows are read.
    ...checks.validating.map((statement) => ({ ...asOwner, statements: [statement] })),
    ...(isOwnerNew ? [ownerStep(table, wanted.owner, on)] : []),
  ];
  return {
    changes: [...changes, ...refusals.map(({ path }) => ({ path, kind: "update" as const }))],
    refusals,
    plan: refusals.length > 0 ? [] : steps,
  };
}

/** Changes the owner, with the connection's own rights: it has to be a member of both roles. */
export function ownerStep(table: string, owner: string, on: string): Step {
  return {
    isTransaction: true,
    statements: [
      quickly(`ALTER TABLE ${table} OWNER TO ${quoteIdentifier(owner)}`, {
        lock: { mode: "ACCESS EXCLUSIVE", on },
        hazards: ["blocks reads and writes"],
      }),
    ],
  };
}

/** DROP TABLE, and only if it is empty and has no partitions. */
export function planTableDrop(live: TableCatalog): Plan {
  const table = qualify(live.schema, live.name);
  const name = `${live.schema}.${live.name}`;
  return [
    { isTransaction: true, role: live.owner, statements: [...lockAndLook(table, name), drop(table, name)] },
  ];
}

/** Locks the table, then stops if it has partitions or rows: nobody can add any between the look and the drop. */
export function lockAndLook(table: string, name: string): readonly Statement[] {
  const literal = `${quoteLiteral(table)}::regclass`;
  return [
    quickly(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`, {
      lock: { mode: "ACCESS EXCLUSIVE", on: name },
      hazards: ["blocks reads and writes"],
    }),
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

export function drop(table: string, name: string): Statement {
  return quickly(`DROP TABLE ${table} RESTRICT`, {
    lock: { mode: "ACCESS EXCLUSIVE", on: `${name} and the tables that its foreign keys name` },
    hazards: ["drops an object"],
  });
}

/** @param on what it locks, for people; undefined for a table that nobody else sees yet */
function commentOn(table: string, comment: string | undefined, on?: string): Statement {
  const text = comment === undefined ? "NULL" : quoteLiteral(comment);
  const lock = on === undefined ? {} : { lock: { mode: "SHARE UPDATE EXCLUSIVE" as const, on } };
  return quickly(`COMMENT ON TABLE ${table} IS ${text}`, lock);
}

function kindOf(from: string | undefined, to: string | undefined): Change["kind"] {
  if (from === undefined) return "add";
  return to === undefined ? "delete" : "update";
}

interface CheckDifference {
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
  readonly adding: readonly Statement[];
  readonly validating: readonly Statement[];
}

function checkDifference(
  live: TableCatalog,
  wanted: WantedTable,
  table: string,
  on: string,
): CheckDifference {
  const changes: Change[] = [];
  const refusals: Refusal[] = [];
  const adding: Statement[] = [];
  const validating: Statement[] = [];
  wanted.checks.forEach(({ name, expression }, at) => {
    const there = live.checks.find((check) => check.name === name);
    const path = `checks[${at}]`;
    const constraint = quoteIdentifier(name);
    if (there && there.expression !== expression) {
      refusals.push({
        path: `${path}.expression`,
        from: there.expression,
        to: expression,
        why: `the constraint ${name} exists with another expression`,
        hint: "Give the new check a name of its own beside the old one.",
      });
      return;
    }
    if (there?.isValidated === true) return;
    changes.push({ path, kind: there ? "update" : "add" });
    if (!there) {
      adding.push(
        quickly(`ALTER TABLE ${table} ADD CONSTRAINT ${constraint} CHECK (${expression}) NOT VALID`, {
          lock: { mode: "ACCESS EXCLUSIVE", on },
          hazards: ["blocks reads and writes"],
        }),
      );
    }
    validating.push(
      atLength(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint}`, {
        lock: { mode: "SHARE UPDATE EXCLUSIVE", on },
        scans: true,
      }),
    );
  });
  live.checks.forEach(({ name, expression }, at) => {
    if (wanted.checks.some((check) => check.name === name)) return;
    refusals.push({
      path: `checks[${at}]`,
      from: `${name}: ${expression}`,
      to: "no check",
      why: "this version does not drop constraints",
      hint: `Keep it in the program, or drop it by hand (ALTER TABLE ${table} DROP CONSTRAINT ${quoteIdentifier(name)}) and refresh.`,
    });
  });
  return { changes, refusals, adding, validating };
}

/** What never changes in place here. */
function fixedDifference(live: TableCatalog, wanted: WantedTable): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const refuse = (path: string, from: string, to: string, why: string, hint: string): void => {
    if (from !== to) refusals.push({ path, from, to, why, hint });
  };
  const rename =
    "Rename it by hand, import it under its new name, and forget the old resource (`pulumi state delete`).";
  refuse("schema", live.schema, wanted.schema, "a table is not moved", rename);
  refuse("name", live.name, wanted.name, "a table is not renamed", rename);
  const [isKey, wantsKey] = [live.primaryKey, wanted.primaryKey];
  refuse(
    "primaryKey",
    keyText(isKey, wantsKey),
    keyText(wantsKey, wantsKey),
    "a changed primary key would rebuild its index under a lock that stops reads and writes",
    "Change it by hand when that is all right, then refresh.",
  );
  refuse(
    "partitionBy",
    partitionText(live.partitionBy),
    partitionText(wanted.partitionBy),
    "PostgreSQL cannot change how a table that exists is partitioned",
    "Declare a new table that is partitioned as wanted, and copy the rows.",
  );
  for (const { path, from, to } of uniqueDifference(live, wanted)) {
    refuse(
      path,
      from,
      to,
      "this version does not change unique constraints",
      "Declare a unique pgddl Index instead.",
    );
  }
  return refusals;
}

function uniqueDifference(
  live: TableCatalog,
  wanted: WantedTable,
): readonly { readonly path: string; readonly from: string; readonly to: string }[] {
  const left = [...live.uniques];
  const differing = wanted.uniques.flatMap((unique, at) => {
    const found = left.findIndex((each) => keyText(each, unique) === keyText(unique, unique));
    if (found >= 0) left.splice(found, 1);
    return found >= 0 ? [] : [{ path: `uniques[${at}]`, from: "none", to: keyText(unique, unique) }];
  });
  return [
    ...differing,
    ...left.map((unique) => ({ path: "uniques", from: keyText(unique, unique), to: "none" })),
  ];
}

/** A key as a text; its name counts only where `wanted` gives one. */
function keyText(key: KeySpec | undefined, wanted: KeySpec | undefined): string {
  if (!key) return "none";
  return wanted?.name === undefined ? show(key.columns) : `${key.name ?? ""} ${show(key.columns)}`;
}

export function partitionText(partitionBy: PartitionBySpec | undefined): string {
  return partitionBy ? `${partitionBy.strategy} ${show(partitionBy.columns)}` : "not partitioned";
}
