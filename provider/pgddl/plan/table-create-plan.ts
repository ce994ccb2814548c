import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { TableSpec } from "../spec.ts";
import { columnExtras, columnSql } from "./column-sql.ts";
import { partitionBySql } from "./partition-by-sql.ts";
import { quickly, type Plan } from "./statement.ts";
import { storageSql } from "./storage-plan.ts";
import { commentOn } from "./table-options-plan.ts";

const list = (names: readonly string[]): string => names.map(quoteIdentifier).join(", ");

/** CREATE TABLE with everything that is its own: columns, sequences, keys, checks, storage, comments. */
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
    quickly(
      `CREATE ${spec.unlogged === true ? "UNLOGGED " : ""}TABLE ${table} (${parts.join(", ")})${partitionBySql(partitionBy)}${storageSql(spec)}`,
    ),
    ...spec.columns.flatMap((column) => columnExtras(spec, column)),
    ...(comment === undefined ? [] : [commentOn(spec, comment, true)]),
  ];
  return [{ isTransaction: true, ...(spec.owner !== undefined && { role: spec.owner }), statements }];
}
