import { z } from "zod";
import { qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import { answerTo, isBig, offendingQuestion, sizeIn, type Answers, type Question } from "./question.ts";
import type { Size, Statement, TableName } from "./statement.ts";
import type { NamedChange, PlannedChange } from "./table-part.ts";

/** The table as it is called now. */
export function tableNow({ live }: NamedChange): TableName {
  return { schema: live.schema, name: live.name };
}

/** A column as it is called now, quoted. */
export function quotedNow({ nameNow }: NamedChange, column: string): string {
  return quoteIdentifier(nameNow(column));
}

/** Rows that stand in the way, told by the primary key there is now. */
export function offendingRows(key: string, change: NamedChange, predicate: string): Question {
  const keys = (change.live.primaryKey?.columns ?? []).map(change.nameNow);
  return offendingQuestion(key, tableNow(change), keys, predicate);
}

/** What `rewrites` or `scans` of a statement goes over. */
export function sizeOf(change: PlannedChange): { readonly size?: Size } {
  const size = sizeIn(change.answers, tableNow(change));
  return size ? { size } : {};
}

/** Whether all rows may be written anew for a column's sake. Asks for the permission even where none is needed. */
export function mayRewrite(change: PlannedChange, column: string): boolean {
  const isAllowed = change.overrides.allows("allowRewrite", `column:${column}`);
  return isAllowed || !isBig(change.answers, tableNow(change));
}

/** A permission for a change that is refused for another reason is no mistake: it is not told as one. */
export function excusePermissions(change: PlannedChange, column: string): void {
  change.overrides.allows("allowDataLoss", `column:${column}`);
  change.overrides.allows("allowRewrite", `column:${column}`);
}

/** The parts of a statement's data that a change of the whole table has. */
export function ofTable({ table, isPartitioned }: PlannedChange): {
  readonly sql: string;
  readonly on: TableName;
  readonly rest: Partial<Statement> & { readonly withPartitions: boolean };
} {
  return { sql: qualify(table.schema, table.name), on: table, rest: { withPartitions: isPartitioned } };
}

/** The tables that hold the rows of a partitioned one. */
export function leavesQuestion(table: TableName): Question {
  return {
    key: `leaves ${table.schema}.${table.name}`,
    sql: `
      SELECT n.nspname AS schema, c.relname AS name, greatest(c.reltuples, 0)::float8 AS rows,
             pg_catalog.pg_total_relation_size(c.oid)::float8 AS bytes
        FROM pg_catalog.pg_partition_tree(${quoteLiteral(qualify(table.schema, table.name))}::regclass) AS t
        JOIN pg_catalog.pg_class c ON c.oid = t.relid AND c.relkind = 'r'
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE t.isleaf ORDER BY 1, 2`,
  };
}

const leafRow = z.object({ schema: z.string(), name: z.string(), rows: z.number(), bytes: z.number() });

/** The tables that hold the rows; undefined when a partitioned one's are not known. */
export function leavesIn(
  change: PlannedChange,
): readonly { readonly on: TableName; readonly size?: Size }[] | undefined {
  if (!change.isPartitioned) return [{ on: change.table, ...sizeOf(change) }];
  const rows = change.answers.get(leavesQuestion(tableNow(change)).key);
  return (
    rows &&
    z
      .array(leafRow)
      .parse(rows)
      .map(({ schema, name, rows: count, bytes }) => ({
        on: { schema, name },
        size: { rows: Math.round(count), bytes },
      }))
  );
}

/** The sequence that a column owns. @param column as it is called now */
export function sequenceQuestion(table: TableName, column: string): Question {
  return {
    key: `sequence ${table.schema}.${table.name}.${column}`,
    sql: `
      SELECT n.nspname AS schema, s.relname AS name
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
       WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
         AND d.refobjid = ${quoteLiteral(qualify(table.schema, table.name))}::regclass
         AND a.attname = ${quoteLiteral(column)}
       LIMIT 1`,
  };
}

export function sequenceIn(answers: Answers, table: TableName, column: string): TableName | undefined {
  const schema = z.object({ schema: z.string(), name: z.string() });
  return answerTo(answers, sequenceQuestion(table, column).key, schema);
}
