import { qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { ColumnSpec } from "../spec.ts";
import { quickly, type Statement, type TableName } from "./statement.ts";

/** What CREATE TABLE and ADD COLUMN say of a column. Comment, statistics and storage are statements of their own. */
export interface ColumnDefinition extends Pick<ColumnSpec, "name" | "type" | "notNull"> {
  readonly default?: string | undefined;
  readonly identity?: ColumnSpec["identity"] | undefined;
  readonly generated?: string | undefined;
  readonly isVirtual?: boolean | undefined;
  readonly collation?: string | undefined;
}

/** A column as it stands in CREATE TABLE and ADD COLUMN. */
export function columnSql(column: ColumnDefinition): string {
  const { generated, identity, collation } = column;
  // In brackets, or NOT NULL would be read as part of the expression.
  const parts = [
    quoteIdentifier(column.name),
    column.type,
    ...(collation === undefined ? [] : [`COLLATE ${quoteIdentifier(collation)}`]),
    ...(column.default === undefined ? [] : [`DEFAULT (${column.default})`]),
    ...(identity === undefined ? [] : [`GENERATED ${identity.toUpperCase()} AS IDENTITY`]),
    ...(generated === undefined
      ? []
      : [`GENERATED ALWAYS AS (${generated}) ${column.isVirtual === true ? "VIRTUAL" : "STORED"}`]),
    ...(column.notNull === true ? ["NOT NULL"] : []),
  ];
  return parts.join(" ");
}

/** What a column of a new table has beyond its definition. Nobody else sees the table yet, so no lock counts. */
export function columnExtras(
  on: TableName,
  { name, comment, statistics, storage }: ColumnSpec,
): readonly Statement[] {
  const alter = `ALTER TABLE ${qualify(on.schema, on.name)} ALTER COLUMN ${quoteIdentifier(name)}`;
  return [
    ...(storage === undefined ? [] : [quickly(`${alter} SET STORAGE ${storage.toUpperCase()}`)]),
    ...(statistics === undefined ? [] : [quickly(`${alter} SET STATISTICS ${statistics}`)]),
    ...(comment === undefined ? [] : [quickly(commentSql(on, name, comment))]),
  ];
}

export function commentSql(on: TableName, column: string, comment: string | undefined): string {
  const text = comment === undefined ? "NULL" : quoteLiteral(comment);
  return `COMMENT ON COLUMN ${qualify(on.schema, on.name)}.${quoteIdentifier(column)} IS ${text}`;
}

/** A column in a few words, for a message. */
export function columnText(column: ColumnDefinition): string {
  const parts = [
    `${column.name} ${column.type}`,
    ...(column.notNull === true ? ["NOT NULL"] : []),
    ...(column.default === undefined ? [] : [`DEFAULT ${column.default}`]),
    ...(column.identity === undefined ? [] : [`GENERATED ${column.identity.toUpperCase()} AS IDENTITY`]),
    ...(column.generated === undefined ? [] : [`GENERATED ALWAYS AS (${column.generated})`]),
  ];
  return parts.join(" ");
}
