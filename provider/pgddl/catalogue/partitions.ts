import { formatId } from "../object-id.ts";
import type { PartitionCatalog } from "../catalog.ts";
import { parseBoundSql } from "../plan/bound.ts";
import type { KeyColumn } from "../plan/bound-values.ts";
import type { MemberFacts, ParentFacts, Referencing } from "../plan/partition-facts.ts";
import { boundCheckName } from "../plan/partition-steps.ts";
import type { TableName } from "../plan/statement.ts";
import type { Session } from "../server/database.ts";
import { partitionByOf, readRelation, requireTable, wrongKind, type Relation } from "./tables.ts";

/** A table that is a partition, or was one until it was detached. @param oid found by it when nothing has the name */
export async function readPartition(
  session: Session,
  schema: string,
  name: string,
  oid?: string,
): Promise<PartitionCatalog | undefined> {
  const named = await query(session, "n.nspname = $1 AND c.relname = $2", [schema, name]);
  const [row] = named.length === 0 && oid !== undefined ? await query(session, "c.oid = $1", [oid]) : named;
  return row && catalogOf(row);
}

/** All partitions of the parent that `live` has, by their formatted ids. */
export async function readSiblings(
  session: Session,
  live: PartitionCatalog,
): Promise<ReadonlyMap<string, PartitionCatalog>> {
  if (!live.attached) return new Map();
  const { parentSchema, parent } = live.attached;
  return readPartitionsOf(session, { schema: parentSchema, name: parent });
}

/** All partitions of a table, by their formatted ids. */
export async function readPartitionsOf(
  session: Session,
  parent: TableName,
): Promise<ReadonlyMap<string, PartitionCatalog>> {
  const where = "pn.nspname = $1 AND p.relname = $2 AND c.relkind IN ('r', 'p')";
  const rows = await query(session, where, [parent.schema, parent.name]);
  return new Map(rows.map((row) => [formatId([row.schema, row.name]), catalogOf(row)]));
}

/** @throws UserError when there is a relation of that name that is not partitioned */
export async function readParent(
  session: Session,
  schema: string,
  name: string,
): Promise<ParentFacts | undefined> {
  const relation = await readRelation(session, schema, name);
  if (!relation) return undefined;
  const { owner } = relation;
  const strategy = partitionByOf(relation)?.strategy;
  if (!strategy) {
    const hint = "Give its Table a partitionBy, or name another parent.";
    throw wrongKind(relation, "not partitioned", hint);
  }
  const [facts] = await session.query<FactsRow>(factsQuery, [relation.oid]);
  const siblings = (facts?.siblings ?? []).map(({ bound, ...rest }) => ({
    ...rest,
    bound: parseBoundSql(bound),
  }));
  return {
    ...{ schema, name, owner, strategy, siblings },
    key: facts?.key ?? [],
    columns: facts?.columns ?? [],
    primaryKey: facts?.primaryKey ?? [],
    references: facts?.references ?? [],
    referencedBy: facts?.referencedBy ?? [],
  };
}

/** What an attach or a detach of the table depends on. */
export async function readMember(
  session: Session,
  live: PartitionCatalog,
  parent: TableName,
): Promise<MemberFacts> {
  const [row] = await session.query<MemberRow>(memberQuery, [live.oid, parent.schema, parent.name]);
  return {
    isPartitioned: live.partitionBy !== undefined,
    hasCheck: live.hasBoundCheck === true,
    ...(row?.lacksIndexes === true && { lacksIndexes: true }),
    references: row?.references ?? [],
    // One that is attached fits; what it has from the parent, as an identity, goes when it is detached.
    misfits: live.attached ? [] : (row?.misfits ?? []),
  };
}

interface PartitionRow extends Pick<Relation, "strategy" | "keyColumns" | "isKeyPlain"> {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly owner: string;
  readonly bound: string | null;
  readonly comment: string | null;
  readonly isUnlogged: boolean;
  readonly tablespace: string | null;
  readonly parameters: readonly string[] | null;
  readonly parentSchema: string | null;
  readonly parent: string | null;
  readonly isDetachPending: boolean | null;
  readonly hasBoundCheck: boolean;
}

function query(session: Session, where: string, values: readonly string[]): Promise<PartitionRow[]> {
  return session.query<PartitionRow>(`${partitionQuery} WHERE ${where}`, values);
}

/** @throws UserError when it is something other than a table */
function catalogOf(row: PartitionRow): PartitionCatalog {
  requireTable(row);
  const { oid, schema, name, owner, bound, parent, parentSchema, comment, tablespace, parameters } = row;
  const partitionBy = partitionByOf(row);
  const isAttached = parent !== null && parentSchema !== null && bound !== null;
  const isDetachPending = row.isDetachPending === true;
  const pairs = (parameters ?? []).map((text) => {
    const at = text.indexOf("=");
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return {
    ...{ oid, schema, name, owner },
    ...(isAttached && { attached: { parentSchema, parent, bound: parseBoundSql(bound), isDetachPending } }),
    ...(partitionBy && { partitionBy }),
    ...(comment !== null && { comment }),
    ...(row.isUnlogged && { unlogged: true }),
    ...(tablespace !== null && { tablespace }),
    ...(pairs.length > 0 && { storageParameters: Object.fromEntries(pairs) }),
    ...(row.hasBoundCheck && { hasBoundCheck: true }),
  };
}

const partitionQuery = `
  SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
         pg_get_userbyid(c.relowner) AS owner, pg_get_expr(c.relpartbound, c.oid) AS bound,
         obj_description(c.oid, 'pg_class') AS comment, c.relpersistence = 'u' AS "isUnlogged",
         (SELECT spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
         c.reloptions AS parameters, pn.nspname AS "parentSchema", p.relname AS parent,
         i.inhdetachpending AS "isDetachPending", k.partstrat AS strategy, k.partexprs IS NULL AS "isKeyPlain",
         (SELECT json_agg(a.attname ORDER BY position)
            FROM unnest(k.partattrs) WITH ORDINALITY AS u (attnum, position)
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum) AS "keyColumns",
         EXISTS (SELECT 1 FROM pg_constraint o
                  WHERE o.conrelid = c.oid AND o.contype = 'c' AND o.conname = '${boundCheckName}') AS "hasBoundCheck"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_partitioned_table k ON k.partrelid = c.oid
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
    LEFT JOIN pg_class p ON p.oid = i.inhparent
    LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace`;

interface FactsRow {
  readonly key: readonly KeyColumn[] | null;
  readonly columns: readonly string[] | null;
  readonly primaryKey: readonly string[] | null;
  readonly siblings: readonly (TableName & { bound: string; isDetachPending: boolean })[] | null;
  readonly references: readonly TableName[] | null;
  readonly referencedBy: readonly Referencing[] | null;
}

const names = (oid: string, list: string): string => `
  (SELECT json_agg(a.attname ORDER BY position)
     FROM unnest(${list}) WITH ORDINALITY AS u (attnum, position)
     JOIN pg_attribute a ON a.attrelid = ${oid} AND a.attnum = u.attnum)`;

/** Foreign keys to or from a partitioned table stand in the catalogue once for each of its partitions too. */
const isTopmost = (side: "conrelid" | "confrelid", other: "conrelid" | "confrelid"): string => `
  NOT EXISTS (SELECT 1 FROM pg_constraint above
               WHERE above.contype = 'f' AND above.${other} = f.${other} AND above.${side} <> f.${side}
                 AND above.${side} IN (SELECT relid FROM pg_partition_ancestors(f.${side})))`;

const referencesQuery = `
  (SELECT json_agg(DISTINCT jsonb_build_object('schema', n.nspname, 'name', r.relname))
     FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid JOIN pg_namespace n ON n.oid = r.relnamespace
    WHERE f.conrelid = $1::oid AND f.contype = 'f' AND ${isTopmost("confrelid", "conrelid")})`;

const factsQuery = `
  SELECT (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod))
                          ORDER BY position)
            FROM unnest(k.partattrs) WITH ORDINALITY AS u (attnum, position)
            JOIN pg_attribute a ON a.attrelid = k.partrelid AND a.attnum = u.attnum) AS key,
         (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
           WHERE a.attrelid = k.partrelid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
         (SELECT ${names("o.conrelid", "o.conkey")} FROM pg_constraint o
           WHERE o.conrelid = k.partrelid AND o.contype = 'p') AS "primaryKey",
         (SELECT json_agg(json_build_object('schema', n.nspname, 'name', c.relname,
                                            'bound', pg_get_expr(c.relpartbound, c.oid),
                                            'isDetachPending', i.inhdetachpending) ORDER BY n.nspname, c.relname)
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE i.inhparent = k.partrelid) AS siblings,
         ${referencesQuery} AS "references",
         (SELECT json_agg(json_build_object(
                   'schema', n.nspname, 'name', r.relname,
                   'constraint', coalesce((SELECT o.conname FROM pg_constraint o WHERE o.oid = f.conparentid
                                            AND o.conrelid = f.conrelid), f.conname),
                   'columns', ${names("f.conrelid", "f.conkey")},
                   'referencedColumns', ${names("f.confrelid", "f.confkey")}) ORDER BY n.nspname, r.relname, f.conname)
            FROM pg_constraint f JOIN pg_class r ON r.oid = f.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
           WHERE f.confrelid = $1::oid AND f.contype = 'f' AND ${isTopmost("conrelid", "confrelid")}) AS "referencedBy"
    FROM pg_partitioned_table k WHERE k.partrelid = $1::oid`;

interface MemberRow {
  readonly references: readonly TableName[] | null;
  readonly lacksIndexes: boolean;
  readonly misfits: readonly string[] | null;
}

const memberQuery = `
  WITH parent AS (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = $2 AND c.relname = $3)
  SELECT ${referencesQuery} AS "references",
         (SELECT count(*) FILTER (WHERE x.indrelid = parent.oid) > count(*) FILTER (WHERE x.indrelid = $1::oid)
            FROM pg_index x, parent) AS "lacksIndexes",
         (SELECT json_agg(misfit ORDER BY misfit) FROM (
            SELECT format('lacks the check %s of the parent', o.conname) AS misfit
              FROM pg_constraint o JOIN parent ON parent.oid = o.conrelid
             WHERE o.contype = 'c' AND NOT o.connoinherit
               AND NOT EXISTS (SELECT 1 FROM pg_constraint own
                                WHERE own.conrelid = $1::oid AND own.contype = 'c' AND own.conname = o.conname)
            UNION ALL
            SELECT CASE
                     WHEN m.attname IS NULL THEN format('lacks the column %s', p.attname)
                     WHEN p.attname IS NULL THEN format('has the column %s, which the parent lacks', m.attname)
                     WHEN p.type <> m.type THEN format('column %s is %s, not %s', p.attname, m.type, p.type)
                     WHEN p.attnotnull AND NOT m.attnotnull THEN format('column %s is not NOT NULL', p.attname)
                     WHEN p.attgenerated <> m.attgenerated THEN format('column %s is generated on one side only', p.attname)
                     WHEN m.attidentity <> '' THEN format('column %s is an identity', p.attname)
                   END AS misfit
              FROM (SELECT a.*, format_type(a.atttypid, a.atttypmod) AS type FROM pg_attribute a
                      JOIN parent ON parent.oid = a.attrelid
                     WHERE a.attnum > 0 AND NOT a.attisdropped) AS p
              FULL JOIN (SELECT a.*, format_type(a.atttypid, a.atttypmod) AS type FROM pg_attribute a
                          WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped) AS m
                ON m.attname = p.attname) AS differences
           WHERE misfit IS NOT NULL) AS misfits`;
