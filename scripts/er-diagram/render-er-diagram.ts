import type { LiveTable } from "../catalogue/live-table.ts";

type Column = LiveTable["columns"][number];
type ForeignKey = LiveTable["foreignKeys"][number];

/** A Mermaid `erDiagram`: entities by name, columns in the table's order, then the foreign keys. Ends with a newline. */
export function renderErDiagram(tables: readonly LiveTable[]): string {
  const sorted = tables.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const entities = sorted.flatMap((table) => [
    `  ${table.name} {`,
    ...table.columns.map((column) => `    ${attribute(table, column)}`),
    "  }",
  ]);
  const relations = sorted.flatMap((table) => table.foreignKeys.map((key) => `  ${relation(table, key)}`));
  return `${["erDiagram", ...entities, ...relations].join("\n")}\n`;
}

function attribute(table: LiveTable, column: Column): string {
  const keys = [
    ...(table.primaryKey.includes(column.name) ? ["PK"] : []),
    ...(table.foreignKeys.some(({ columns }) => columns.includes(column.name)) ? ["FK"] : []),
  ].join(", ");
  const notes = [
    ...(column.notNull && !table.primaryKey.includes(column.name) ? ["not null"] : []),
    ...(isPartitionKey(table, column) ? ["partition key"] : []),
  ].join(", ");
  return [shortType(column.type), column.name, keys, notes === "" ? "" : `"${notes}"`]
    .filter((part) => part !== "")
    .join(" ");
}

/** One parent, or none when a column of the key may be null; any number of children. */
function relation(table: LiveTable, key: ForeignKey): string {
  const optional = key.columns.some((name) => !table.columns.find((column) => column.name === name)?.notNull);
  return `${key.table} ${optional ? "|o" : "||"}--o{ ${table.name} : "${key.columns.join(", ")}"`;
}

function isPartitionKey(table: LiveTable, column: Column): boolean {
  const columns = /\((.*)\)$/.exec(table.partitionKey ?? "")?.[1]?.split(", ") ?? [];
  return columns.includes(column.name);
}

/** Mermaid takes no blank or comma in a type. */
function shortType(type: string): string {
  return type
    .replace(/^timestamp(.*) without time zone$/, "timestamp$1")
    .replace(/^timestamp(.*) with time zone$/, "timestamptz$1")
    .replace("character varying", "varchar")
    .replaceAll(/[ ,]+/g, "_");
}
