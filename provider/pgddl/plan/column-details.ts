import { z } from "zod";
import { quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { ColumnCatalog } from "../catalog.ts";
import { ofTable } from "./column-questions.ts";
import { commentSql } from "./column-sql.ts";
import type { Change } from "./difference.ts";
import { answerTo, type Question } from "./question.ts";
import { briefly, quickly } from "./statement.ts";
import type { PartBuilder, PlannedChange } from "./table-part.ts";
import type { WantedColumn } from "./wanted-column.ts";

/** The type's own storage has no name before PostgreSQL 16. */
export function detailQuestions(there: ColumnCatalog, wanted: WantedColumn): readonly Question[] {
  if (there.storage === undefined || wanted.storage !== undefined) return [];
  const type = `${quoteLiteral(wanted.type)}::regtype`;
  return [
    {
      key: `storage ${wanted.type}`,
      sql: `
        SELECT CASE typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END AS storage
          FROM pg_catalog.pg_type WHERE oid = ${type}`,
    },
  ];
}

/** Comment, statistics and storage. @param path undefined: of a column that is new, whose own path says all */
export function planDetails(
  part: PartBuilder,
  change: PlannedChange,
  path: string | undefined,
  wanted: WantedColumn,
  there?: ColumnCatalog,
): void {
  const { sql: table, on, rest } = ofTable(change);
  const column = quoteIdentifier(wanted.name);
  const differs = (key: "comment" | "statistics" | "storage"): boolean => {
    if (there?.[key] === wanted[key]) return false;
    if (path !== undefined) part.change(`${path}.${key}`, kindOf(there?.[key], wanted[key]));
    return true;
  };
  const { withPartitions } = rest;
  const beside = { mode: "SHARE UPDATE EXCLUSIVE", on } as const;
  if (differs("storage")) {
    const schema = z.object({ storage: z.string() });
    const own = answerTo(change.answers, `storage ${wanted.type}`, schema)?.storage ?? "DEFAULT";
    const storage = wanted.storage?.toUpperCase() ?? own;
    part.quick(
      "alter",
      briefly(`ALTER TABLE ${table} ALTER COLUMN ${column} SET STORAGE ${storage}`, on, rest),
    );
  }
  if (differs("statistics")) {
    const sql = `ALTER TABLE ${table} ALTER COLUMN ${column} SET STATISTICS ${wanted.statistics ?? -1}`;
    part.quick("finish", quickly(sql, { locks: [{ ...beside, ...(withPartitions && { withPartitions }) }] }));
  }
  if (differs("comment")) {
    part.quick("finish", quickly(commentSql(on, wanted.name, wanted.comment), { locks: [beside] }));
  }
}

export function kindOf(from: unknown, to: unknown): Change["kind"] {
  if (from === undefined) return "add";
  return to === undefined ? "delete" : "update";
}

/** ALTER COLUMN in the catalogue alone. */
export function alterColumn(
  part: PartBuilder,
  change: PlannedChange,
  { name }: WantedColumn,
  command: string,
): void {
  const { sql: table, on, rest } = ofTable(change);
  part.quick(
    "alter",
    briefly(`ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(name)} ${command}`, on, rest),
  );
}
