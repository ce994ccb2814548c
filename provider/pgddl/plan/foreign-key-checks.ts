import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import { formatId } from "../object-id.ts";
import type { ForeignKeySpec } from "../spec.ts";
import type { Refusal } from "./difference.ts";
import { referencedTable, type ForeignKeyTables } from "./foreign-key-facts.ts";
import { offendingIn, offendingQuestion, tellOffending, type Answers, type Question } from "./question.ts";

const key = "orphans";

/** Rows that reference what is not there. A row with a null in it references nothing. */
export function orphansQuestion(spec: ForeignKeySpec, tables: ForeignKeyTables): Question {
  const own = qualify(spec.schema, spec.table);
  const { schema, name } = referencedTable(spec);
  const column = (each: string): string => `${own}.${quoteIdentifier(each)}`;
  const pairs = spec.references.columns.map(
    (each, at) => `r.${quoteIdentifier(each)} = ${column(spec.columns[at] ?? "")}`,
  );
  const predicate = [
    ...spec.columns.map((each) => `${column(each)} IS NOT NULL`),
    `NOT EXISTS (SELECT 1 FROM ${qualify(schema, name)} AS r WHERE ${pairs.join(" AND ")})`,
  ].join(" AND ");
  return offendingQuestion(key, { schema: spec.schema, name: spec.table }, tables.primaryKey, predicate);
}

/** Whether the key is one that the referenced table has, or may have by the time that it is made. */
export function targetRefusals(
  spec: ForeignKeySpec,
  tables: ForeignKeyTables | undefined,
): readonly Refusal[] {
  if (!tables?.referenced) return [];
  const { keys } = tables.referenced;
  const wanted = spec.references.columns;
  const isSame = (columns: readonly string[]): boolean =>
    columns.length === wanted.length && columns.every((column) => wanted.includes(column));
  if (keys.some(({ columns }) => isSame(columns))) return [];
  const target = referencedTable(spec);
  const table = formatId([target.schema, target.name]);
  const told = keys.map(({ name, columns }) => `${name} (${columns.join(", ")})`).join(", ");
  const wider = keys.find(({ columns }) => wanted.every((column) => columns.includes(column)));
  const missing = wider?.columns.filter((column) => !wanted.includes(column)) ?? [];
  return [
    {
      path: "references.columns",
      from: keys.length > 0 ? `keys of ${table}: ${told}` : `${table} has no key`,
      to: `(${wanted.join(", ")})`,
      why: `a foreign key references a primary key or unique columns, and (${wanted.join(", ")}) is neither`,
      hint: wider
        ? `Add ${missing.join(", ")} to references.columns, and the columns that hold ${missing.length === 1 ? "it" : "them"} to columns.`
        : `Reference all columns of one of its keys, or give ${table} a unique over (${wanted.join(", ")}).`,
    },
  ];
}

export function orphanRefusals(spec: ForeignKeySpec, answers: Answers): readonly Refusal[] {
  const found = offendingIn(answers, key);
  if (!found || found.count === 0) return [];
  const { schema, name } = referencedTable(spec);
  return [
    {
      path: "columns",
      from: "rows without a counterpart",
      to: `foreign key to ${formatId([schema, name])}`,
      why: `${tellOffending(found)} of ${formatId([spec.schema, spec.table])} reference${found.count === 1 ? "s" : ""} what is not there`,
      hint: `Correct or delete ${found.count === 1 ? "that row" : "those rows"}, or insert what they reference.`,
    },
  ];
}

/** Told of a table with rows: of an empty one the index may come with the same update. */
export function indexWarnings(spec: ForeignKeySpec, tables: ForeignKeyTables | undefined): readonly string[] {
  if (!tables || tables.isEmpty) return [];
  const wanted = spec.columns;
  const leads = (columns: readonly string[]): boolean =>
    columns.length >= wanted.length &&
    columns.slice(0, wanted.length).every((column) => wanted.includes(column));
  if (tables.indexes.some(leads)) return [];
  const { schema, name } = referencedTable(spec);
  const own = formatId([spec.schema, spec.table]);
  return [
    `no index of ${own} begins with (${wanted.join(", ")}): each delete from ${formatId([schema, name])}, and each update of its key, reads all of ${own}; declare an Index`,
  ];
}
