import { z } from "zod";
import { qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { Answers, Question } from "./question.ts";
import type { TableName } from "./statement.ts";

const uniqueIndex = z.object({
  name: z.string(),
  isValid: z.boolean(),
  /** Null: an expression. */
  columns: z.array(z.string().nullable()),
  /** Nothing but columns: no WHERE, INCLUDE or NULLS NOT DISTINCT. */
  isPlain: z.boolean(),
  isPrimary: z.boolean(),
  /** The constraint that it is of. */
  constraint: z.string().nullable(),
  /** The index of the parent that it is attached to. */
  above: z.string().nullable(),
});
const node = z.object({
  schema: z.string(),
  name: z.string(),
  parentSchema: z.string().nullable(),
  parent: z.string().nullable(),
  isPartitioned: z.boolean(),
  rows: z.number(),
  bytes: z.number(),
  indexes: z.array(uniqueIndex),
});
/** The table itself, or one of its partitions, with its unique indexes. */
export type KeyNode = z.infer<typeof node>;

/** The table and all below it, parents before children. */
export function keyTreeQuestion(table: TableName): Question {
  const oid = `${quoteLiteral(qualify(table.schema, table.name))}::regclass`;
  return {
    key: "key tree",
    sql: `
      SELECT n.nspname AS schema, c.relname AS name, pn.nspname AS "parentSchema", p.relname AS parent,
             c.relkind = 'p' AS "isPartitioned", greatest(c.reltuples, 0)::float8 AS rows,
             pg_catalog.pg_total_relation_size(c.oid)::float8 AS bytes,
             coalesce((
               SELECT json_agg(json_build_object(
                        'name', x.relname, 'isValid', i.indisvalid, 'isPrimary', i.indisprimary,
                        'isPlain', i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = i.indnatts
                                   AND NOT i.indnullsnotdistinct,
                        'columns', (SELECT json_agg(a.attname ORDER BY position)
                                      FROM unnest(i.indkey) WITH ORDINALITY AS u (attnum, position)
                                      LEFT JOIN pg_catalog.pg_attribute a
                                             ON a.attrelid = i.indrelid AND a.attnum = u.attnum),
                        'constraint', k.conname, 'above', above.relname) ORDER BY x.relname)
                 FROM pg_catalog.pg_index i
                 JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                 LEFT JOIN pg_catalog.pg_constraint k
                        ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u')
                 LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = i.indexrelid
                 LEFT JOIN pg_catalog.pg_class above ON above.oid = h.inhparent
                WHERE i.indrelid = c.oid AND i.indisunique), '[]') AS indexes
        FROM (SELECT relid::oid, parentrelid::oid, level FROM pg_catalog.pg_partition_tree(${oid})
               UNION SELECT ${oid}::oid, NULL, 0) AS t
        JOIN pg_catalog.pg_class c ON c.oid = t.relid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_class p ON p.oid = t.parentrelid
        LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
       ORDER BY t.level, n.nspname, c.relname`,
  };
}

/** Undefined without an answer. */
export function keyTreeIn(answers: Answers): readonly KeyNode[] | undefined {
  const rows = answers.get("key tree");
  return rows && z.array(node).parse(rows);
}

/** Values of a key that more than one row has: how many, and the first ten. @param columns as they are called now */
export function duplicatesQuestion(key: string, table: TableName, columns: readonly string[]): Question {
  const names = columns.map(quoteIdentifier);
  return {
    key,
    sql: `
      WITH twice AS (
        SELECT json_build_array(${names.join(", ")})::text AS k FROM ${qualify(table.schema, table.name)}
         WHERE ${names.map((name) => `${name} IS NOT NULL`).join(" AND ")}
         GROUP BY ${names.join(", ")} HAVING count(*) > 1 LIMIT 1000)
      SELECT (SELECT count(*)::int FROM twice) AS count,
             (SELECT coalesce(json_agg(k), '[]') FROM (SELECT k FROM twice LIMIT 10) AS r) AS keys`,
  };
}

/** Foreign keys that rely on a key. */
export function referencesQuestion(table: TableName, constraint: string): Question {
  return {
    key: `references ${constraint}`,
    sql: `
      SELECT n.nspname AS schema, c.relname AS table, f.conname AS name
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_constraint f ON f.conindid = k.conindid AND f.contype = 'f' AND f.conparentid = 0
        JOIN pg_catalog.pg_class c ON c.oid = f.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE k.conrelid = ${quoteLiteral(qualify(table.schema, table.name))}::regclass
         AND k.contype IN ('p', 'u') AND k.conname = $1
       ORDER BY 1, 2, 3`,
    values: [constraint],
  };
}

const reference = z.object({ schema: z.string(), table: z.string(), name: z.string() });
export type Reference = z.infer<typeof reference>;

/** None without an answer: the server then refuses the drop itself. */
export function referencesIn(answers: Answers, constraint: string): readonly Reference[] {
  return z.array(reference).parse(answers.get(`references ${constraint}`) ?? []);
}
