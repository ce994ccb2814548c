import { qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { TableCatalog } from "../catalog.ts";
import type { PartitionBySpec, TableSpec } from "../spec.ts";
import { columnSql } from "./column-sql.ts";
import { briefly, quickly, type Plan, type Statement, type TableLock, type TableName } from "./statement.ts";
import { commentOn } from "./table-options-plan.ts";

const list = (names: readonly string[]): string => names.map(quoteIdentifier).join(", ");

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
    ...(comment === undefined ? [] : [commentOn(spec, comment, true)]),
  ];
  return [{ isTransaction: true, ...(spec.owner !== undefined && { role: spec.owner }), statements }];
}

/** ` PARTITION BY …`, or nothing. */
export function partitionBySql(partitionBy: PartitionBySpec | undefined): string {
  return partitionBy
    ? ` PARTITION BY ${partitionBy.strategy.toUpperCase()} (${list(partitionBy.columns)})`
    : "";
}

/** DROP TABLE, and only if it is empty and has no partitions. @param linked tables that its foreign keys name */
export function planTableDrop(live: TableCatalog, linked: readonly TableName[]): Plan {
  return [{ isTransaction: true, role: live.owner, statements: [...lockAndLook(live), drop(live, linked)] }];
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

export function drop(on: TableName, linked: readonly TableName[]): Statement {
  const exclusively = (name: TableName): TableLock => ({ mode: "ACCESS EXCLUSIVE", on: name });
  return quickly(`DROP TABLE ${qualify(on.schema, on.name)} RESTRICT`, {
    locks: [exclusively(on), ...linked.map(exclusively)],
    hazards: ["drops an object"],
  });
}
