import { quoteIdentifier } from "../../../lib/identifier.ts";
import type { ColumnSpec } from "../spec.ts";

/** A column as it stands in CREATE TABLE and ADD COLUMN. */
export function columnSql(
  column: Pick<ColumnSpec, "name" | "type" | "notNull"> & { default?: string | undefined },
): string {
  // In brackets, or NOT NULL would be read as part of the expression.
  const expression = column.default === undefined ? "" : ` DEFAULT (${column.default})`;
  return `${quoteIdentifier(column.name)} ${column.type}${expression}${column.notNull === true ? " NOT NULL" : ""}`;
}
