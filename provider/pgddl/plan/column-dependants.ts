import { z } from "zod";
import { qualify, quoteLiteral } from "../../../lib/identifier.ts";
import type { Answers, Question } from "./question.ts";
import type { TableName } from "./statement.ts";

/** Something that is made of a column. */
export interface Dependant {
  readonly kind:
    | "view"
    | "index"
    | "primary key"
    | "unique"
    | "check"
    | "foreign key"
    | "exclusion"
    | "generated column"
    | "trigger"
    | "policy"
    | "other";
  /** As the server describes it: `constraint n_ok on table shop.orders`. */
  readonly text: string;
  /** Of a constraint. */
  readonly name: string | null;
  /** Of a foreign key: the table at its other end. */
  readonly linked: { readonly schema: string; readonly name: string; readonly isPartitioned: boolean } | null;
}

const dependant: z.ZodType<Dependant> = z.object({
  kind: z.enum([
    ...["view", "index", "primary key", "unique", "check", "foreign key", "exclusion"],
    ...["generated column", "trigger", "policy", "other"],
  ] as const),
  text: z.string(),
  name: z.string().nullable(),
  linked: z.object({ schema: z.string(), name: z.string(), isPartitioned: z.boolean() }).nullable(),
});

/** All that is made of a column, or of the same column of a partition. @param column as it is called now */
export function dependantsQuestion(table: TableName, column: string): Question {
  const oid = `${quoteLiteral(qualify(table.schema, table.name))}::regclass`;
  return {
    key: keyOf(table, column),
    sql: `
      SELECT DISTINCT
             CASE WHEN d.classid = 'pg_rewrite'::regclass THEN 'view'
                  WHEN d.classid = 'pg_class'::regclass THEN 'index'
                  WHEN d.classid = 'pg_attrdef'::regclass THEN 'generated column'
                  WHEN d.classid = 'pg_trigger'::regclass THEN 'trigger'
                  WHEN d.classid = 'pg_policy'::regclass THEN 'policy'
                  ELSE CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'c' THEN 'check'
                                      WHEN 'f' THEN 'foreign key' WHEN 'x' THEN 'exclusion' ELSE 'other' END
              END AS kind,
             pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS text,
             k.conname AS name,
             CASE WHEN o.oid IS NOT NULL THEN jsonb_build_object(
               'schema', (SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.oid = o.relnamespace), 'name', o.relname, 'isPartitioned', o.relkind = 'p') END AS linked
        FROM (SELECT ${oid}::oid AS oid UNION SELECT relid FROM pg_catalog.pg_partition_tree(${oid})) AS t
        JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attname = ${quoteLiteral(column)}
        JOIN pg_catalog.pg_depend d
          ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = a.attnum
        LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
        LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
        LEFT JOIN pg_catalog.pg_attrdef e ON d.classid = 'pg_attrdef'::regclass AND e.oid = d.objid
        LEFT JOIN pg_catalog.pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
        LEFT JOIN pg_catalog.pg_class o
          ON k.contype = 'f' AND o.oid = CASE WHEN k.conrelid = t.oid THEN k.confrelid ELSE k.conrelid END
         AND o.oid <> t.oid
       WHERE coalesce(k.contype, '-') <> 'n'
         AND coalesce(c.relkind, 'i') IN ('i', 'I')
         AND (e.oid IS NULL OR e.adrelid <> t.oid OR e.adnum <> a.attnum)
         AND NOT coalesce(g.tgisinternal, false)
         -- What a partition has from its parent is told once.
         AND coalesce(k.conparentid, 0) = 0 AND coalesce(g.tgparentid, 0) = 0
         AND (t.oid = ${oid} OR coalesce(k.conislocal, true) AND e.oid IS NULL
              AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid))
       ORDER BY text`,
  };
}

/** Undefined without an answer. */
export function dependantsIn(
  answers: Answers,
  table: TableName,
  column: string,
): readonly Dependant[] | undefined {
  const rows = answers.get(keyOf(table, column));
  return rows && z.array(dependant).parse(rows);
}

/** `rule _RETURN on view shop.v, index shop.i` */
export function listDependants(dependants: readonly Dependant[]): string {
  return dependants.map(({ text }) => text).join(", ");
}

function keyOf(table: TableName, column: string): string {
  return `dependants ${table.schema}.${table.name}.${column}`;
}
