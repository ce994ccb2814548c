import type { Client } from "pg";

/** One table, index or sequence of the users' at one moment. */
export interface Relation {
  readonly oid: number;
  /** `schema.name` */
  readonly name: string;
  readonly kind: "r" | "p" | "i" | "I" | "S" | "v" | "m" | "f";
  /** Changes when the table is written anew. */
  readonly file: number | null;
  /** Of an index or an owned sequence: the table. */
  readonly table: number | null;
  /** Of a partition, or the index of one. */
  readonly parent: number | null;
  /** As of the last ANALYZE. */
  readonly rows: number;
  /** How many rows sequential scans have read of it so far. */
  readonly rowsRead: number;
}

export type Snapshot = ReadonlyMap<number, Relation>;

/** Everything outside the system's schemas. */
export async function takeSnapshot(client: Client): Promise<Snapshot> {
  const { rows } = await client.query<Relation>(`
    SELECT c.oid::int AS oid, n.nspname || '.' || c.relname AS name, c.relkind AS kind,
           pg_relation_filenode(c.oid)::int AS file,
           coalesce(i.indrelid, d.refobjid)::int AS table,
           h.inhparent::int AS parent,
           c.reltuples::float8 AS rows,
           pg_stat_get_tuples_returned(c.oid)::float8 AS "rowsRead"
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
      LEFT JOIN pg_inherits AS h ON h.inhrelid = c.oid
      LEFT JOIN pg_depend AS d
             ON c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
       AND n.nspname NOT LIKE 'pg\\_temp%'
     ORDER BY name`);
  return new Map(rows.map((row) => [row.oid, row]));
}

/** The relation and all that is below it. */
export function treeOf(snapshot: Snapshot, root: number): readonly number[] {
  const below = [...snapshot.values()].filter(({ parent }) => parent === root);
  return [root, ...below.flatMap(({ oid }) => treeOf(snapshot, oid))];
}
