import type { Session } from "../server/database.ts";

/** What is in some schemas, in an order that only their names decide. */
export interface ObjectList {
  /**
   * By type, the parts of each one's id. The partitions of a set stand for themselves in no list. Without the indexes that constraints have, and without the indexes and
   * foreign keys that partitions have from their parent.
   */
  readonly resources: Readonly<Record<ListedType, readonly (readonly string[])[]>>;
  /** What no type of resource is for: `view shop.v`. */
  readonly others: readonly string[];
}

export type ListedType = "Schema" | "Table" | "Partition" | "PartitionSet" | "Index" | "ForeignKey";

/** The schemas of the database that are neither the server's own nor an extension's. */
export async function listSchemas(session: Session): Promise<readonly string[]> {
  const rows = await session.query<{ name: string }>(`
    SELECT n.nspname AS name FROM pg_namespace n
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ${ownByNobody("pg_namespace", "n.oid")}
     ORDER BY n.nspname COLLATE "C"`);
  return rows.map(({ name }) => name);
}

/** @param schemas those that do not exist have nothing in them */
export async function listObjects(session: Session, schemas: readonly string[]): Promise<ObjectList> {
  const list = async (sql: string): Promise<readonly (readonly string[])[]> => {
    const rows = await session.query<{ id: string[] }>(sql, [schemas]);
    return rows.map(({ id }) => id);
  };
  const others = await list(othersQuery);
  const resources = {
    Schema: await list(schemasQuery),
    Table: await list(tablesQuery(`NOT c.relispartition AND NOT ${isMarked}`)),
    Partition: await list(tablesQuery(`c.relispartition AND NOT ${isMarked}`)),
    PartitionSet: await list(setsQuery),
    Index: await list(indexesQuery),
    ForeignKey: await list(foreignKeysQuery),
  };
  return { resources, others: others.map((parts) => parts.join(" ")) };
}

/** No extension made it. */
function ownByNobody(catalogue: string, oid: string): string {
  return `NOT EXISTS (SELECT FROM pg_depend x
    WHERE x.classid = '${catalogue}'::regclass AND x.objid = ${oid} AND x.deptype = 'e')`;
}

/** A set has made or taken over the table `c`. */
const isMarked = "coalesce(obj_description(c.oid, 'pg_class'), '') LIKE 'pgddl partition set %'";

const setsQuery = `
  SELECT DISTINCT json_build_array(n.nspname, p.relname)::jsonb AS id
    FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
    JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace
   WHERE n.nspname = ANY ($1) AND c.relispartition AND ${isMarked}
   ORDER BY id`;

const schemasQuery = `
  SELECT json_build_array(n.nspname) AS id FROM pg_namespace n
   WHERE n.nspname = ANY ($1) ORDER BY n.nspname COLLATE "C"`;

const tablesQuery = (which: string): string => `
  SELECT json_build_array(n.nspname, c.relname) AS id
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND ${which} AND ${ownByNobody("pg_class", "c.oid")}
   ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`;

const indexesQuery = `
  SELECT json_build_array(n.nspname, c.relname) AS id
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class t ON t.oid = i.indrelid
   WHERE n.nspname = ANY ($1) AND t.relkind IN ('r', 'p') AND NOT c.relispartition
     AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
     AND ${ownByNobody("pg_class", "t.oid")}
   ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`;

const foreignKeysQuery = `
  SELECT json_build_array(n.nspname, c.relname, k.conname) AS id
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = ANY ($1) AND k.contype = 'f' AND k.conparentid = 0 AND ${ownByNobody("pg_class", "c.oid")}
   ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"`;

/** Sequences of serial and identity columns belong to their tables, row types to theirs. */
const othersQuery = `
  SELECT json_build_array(kind, name) AS id FROM (
    SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                          WHEN 'f' THEN 'foreign table' ELSE 'composite type' END AS kind,
           format('%I.%I', n.nspname, c.relname) AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY ($1) AND c.relkind IN ('v', 'm', 'S', 'f', 'c') AND ${ownByNobody("pg_class", "c.oid")}
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                          AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i'))
    UNION ALL
    SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' ELSE 'range type' END,
           format('%I.%I', n.nspname, t.typname)
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
     WHERE n.nspname = ANY ($1) AND t.typtype IN ('e', 'd', 'r') AND ${ownByNobody("pg_type", "t.oid")}
    UNION ALL
    SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = ANY ($1) AND ${ownByNobody("pg_proc", "p.oid")}
  ) AS found ORDER BY kind COLLATE "C", name COLLATE "C"`;
