import type { ClientBase } from "pg";
import { z } from "zod";

const foreignKey = z.object({
  name: z.string(),
  columns: z.array(z.string()),
  table: z.string(),
  referenced: z.array(z.string()),
  /** False while it was added NOT VALID and not checked since. */
  validated: z.boolean(),
  /** False when one of its triggers is disabled: it then lets anything through. */
  enforced: z.boolean(),
});

const liveTable = z.object({
  name: z.string(),
  comment: z.string().nullable(),
  /** `RANGE (registration_date)`, or null for a plain table. */
  partitionKey: z.string().nullable(),
  columns: z.array(
    z.object({
      name: z.string(),
      /** As format_type spells it: `timestamp without time zone`. */
      type: z.string(),
      notNull: z.boolean(),
      default: z.string().nullable(),
    }),
  ),
  primaryKey: z.array(z.string()),
  checks: z.array(z.object({ name: z.string(), definition: z.string() })),
  foreignKeys: z.array(foreignKey),
  /** The columns of each valid index, in its order; expressions are left out. */
  indexes: z.array(z.array(z.string())),
});

/** A table as the server has it. */
export type LiveTable = Readonly<z.infer<typeof liveTable>>;

/** The tables of a schema apart from partitions, by name. */
export async function readTables(client: ClientBase, schema: string): Promise<LiveTable[]> {
  const { rows } = await client.query<{ tables: unknown }>(tablesSql, [schema]);
  return z.array(liveTable).parse(rows[0]?.tables ?? []);
}

const columnNames = (numbers: string, relation: string): string => `(
  SELECT json_agg(member.attname ORDER BY place.position)
  FROM unnest(${numbers}) WITH ORDINALITY AS place (attnum, position)
  JOIN pg_attribute member ON member.attrelid = ${relation} AND member.attnum = place.attnum
)`;

const tablesSql = `
  SELECT json_agg(json_build_object(
    'name', c.relname,
    'comment', obj_description(c.oid, 'pg_class'),
    'partitionKey', pg_get_partkeydef(c.oid),
    'columns', (
      SELECT coalesce(json_agg(json_build_object(
        'name', a.attname,
        'type', format_type(a.atttypid, a.atttypmod),
        'notNull', a.attnotnull,
        'default', pg_get_expr(d.adbin, d.adrelid)
      ) ORDER BY a.attnum), '[]')
      FROM pg_attribute a
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ),
    'primaryKey', coalesce((
      SELECT ${columnNames("k.conkey", "c.oid")}
      FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p'
    ), '[]'),
    'checks', (
      SELECT coalesce(json_agg(json_build_object(
        'name', k.conname, 'definition', pg_get_constraintdef(k.oid)
      ) ORDER BY k.conname), '[]')
      FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'
    ),
    'foreignKeys', (
      SELECT coalesce(json_agg(json_build_object(
        'name', k.conname,
        'columns', ${columnNames("k.conkey", "k.conrelid")},
        'table', (SELECT f.relname FROM pg_class f WHERE f.oid = k.confrelid),
        'referenced', ${columnNames("k.confkey", "k.confrelid")},
        'validated', k.convalidated,
        'enforced', coalesce((
          SELECT bool_and(t.tgenabled IN ('O', 'A')) FROM pg_trigger t WHERE t.tgconstraint = k.oid
        ), false)
      ) ORDER BY k.conname), '[]')
      FROM pg_constraint k
      WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conparentid = 0
    ),
    'indexes', (
      SELECT coalesce(json_agg(coalesce(${columnNames("i.indkey::int2[]", "c.oid")}, '[]')
        ORDER BY i.indexrelid), '[]')
      FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid
    )
  ) ORDER BY c.relname) AS tables
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition`;
