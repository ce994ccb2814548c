import { z } from "zod";
import { qualify, quoteLiteral } from "../../../lib/identifier.ts";
import type { Answers, Question } from "./question.ts";
import type { TableName } from "./statement.ts";

const dependant = z.object({ kind: z.string(), schema: z.string(), name: z.string() });
/** Something that keeps a table from being dropped: a view, a foreign key of another table, a function. */
export type Dependant = z.infer<typeof dependant>;

export function dependantsQuestion(table: TableName): Question {
  const oid = `${quoteLiteral(qualify(table.schema, table.name))}::regclass`;
  return {
    key: `dependants ${table.schema}.${table.name}`,
    sql: `
      SELECT CASE v.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS kind,
             n.nspname AS schema, v.relname AS name
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
        JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.oid <> d.refobjid
        JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
       WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
         AND d.refobjid = ${oid}
       UNION
      SELECT 'foreign key', n.nspname, c.relname || '.' || f.conname
        FROM pg_catalog.pg_constraint f
        JOIN pg_catalog.pg_class c ON c.oid = f.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE f.contype = 'f' AND f.conparentid = 0 AND f.confrelid = ${oid} AND f.conrelid <> ${oid}
       UNION
      SELECT 'function', n.nspname, p.proname
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_proc p ON p.oid = d.objid
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
       WHERE d.classid = 'pg_catalog.pg_proc'::regclass
         AND (d.refclassid, d.refobjid) IN (
               ('pg_catalog.pg_class'::regclass, ${oid}),
               ('pg_catalog.pg_type'::regclass, (SELECT reltype FROM pg_catalog.pg_class WHERE oid = ${oid})))
       ORDER BY 1, 2, 3`,
  };
}

/** Undefined without an answer. */
export function dependantsIn(answers: Answers, table: TableName): readonly Dependant[] | undefined {
  const rows = answers.get(`dependants ${table.schema}.${table.name}`);
  return rows && z.array(dependant).parse(rows);
}

/** `view shop.totals, foreign key shop.lines.lines_item_fkey` */
export function tellDependants(dependants: readonly Dependant[]): string {
  return dependants.map(({ kind, schema, name }) => `${kind} ${schema}.${name}`).join(", ");
}
