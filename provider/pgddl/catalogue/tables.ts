import { UserError } from "../../../lib/errors.ts";
import type { PartitionByCatalog, TableCatalog } from "../catalog.ts";
import { qualify } from "../../../lib/identifier.ts";
import type { TableName } from "../plan/statement.ts";
import type { Session } from "../server/database.ts";
import { readColumns } from "./columns.ts";
import { readConstraints, readSurroundings } from "./constraints.ts";

/** Anything in pg_class: tables, indexes, views, sequences share their names. */
export interface Relation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** pg_class.relkind */
  readonly kind: string;
  readonly owner: string;
  readonly isPartition: boolean;
  readonly bound: string | null;
  readonly comment: string | null;
  readonly strategy: "r" | "l" | "h" | null;
  /** Null in the list: an expression. */
  readonly keyColumns: readonly (string | null)[] | null;
  readonly isKeyPlain: boolean;
  readonly isUnlogged: boolean;
  /** Null: the database's own. */
  readonly tablespace: string | null;
  /** `fillfactor=70`, `toast.autovacuum_enabled=off` */
  readonly options: readonly string[] | null;
}

export async function readRelation(
  session: Session,
  schema: string,
  name: string,
): Promise<Relation | undefined> {
  const rows = await session.query<Relation>(`${relationQuery} WHERE n.nspname = $1 AND c.relname = $2`, [
    schema,
    name,
  ]);
  return rows[0];
}

/**
 * @param oid finds it under whatever name it has, when none has the name given
 * @throws UserError when the name is that of something other than a table of its own
 */
export async function readTable(
  session: Session,
  schema: string,
  name: string,
  oid?: string,
): Promise<TableCatalog | undefined> {
  const relation =
    (await readRelation(session, schema, name)) ??
    (oid === undefined ? undefined : await byOid(session, oid));
  if (!relation) return undefined;
  if (relation.isPartition) throw wrongKind(relation, "a partition", "Manage it as a pgddl:index:Partition.");
  return describeTable(session, relation);
}

/** A table; an oid comes to stand for something else when enough tables were made. */
async function byOid(session: Session, oid: string): Promise<Relation | undefined> {
  const rows = await session.query<Relation>(
    `${relationQuery} WHERE c.oid = $1 AND c.relkind IN ('r', 'p')`,
    [oid],
  );
  return rows[0];
}

/** @throws UserError when the name is that of something other than a table */
export async function describeTable(session: Session, relation: Relation): Promise<TableCatalog> {
  requireTable(relation);
  const { oid, schema, name, owner, comment } = relation;
  const partitionBy = partitionByOf(relation);
  return {
    oid,
    schema,
    name,
    owner,
    columns: await readColumns(session, oid),
    ...(await readConstraints(session, oid)),
    ...(partitionBy && { partitionBy }),
    ...(comment !== null && { comment }),
    ...storageOf(relation),
    ...(await readSurroundings(session, oid)),
  };
}

/** How the rows are stored; nothing where it is the usual way. */
export function storageOf(
  relation: Pick<Relation, "isUnlogged" | "tablespace" | "options">,
): Pick<TableCatalog, "unlogged" | "tablespace" | "storageParameters"> {
  const { isUnlogged, tablespace, options } = relation;
  const parameters = (options ?? []).map((option) => {
    const at = option.indexOf("=");
    return [option.slice(0, at), option.slice(at + 1)] as const;
  });
  return {
    ...(isUnlogged && { unlogged: true }),
    ...(tablespace !== null && { tablespace }),
    ...(parameters.length > 0 && { storageParameters: Object.fromEntries(parameters) }),
  };
}

/** Whether anything has the name. */
export async function isTableThere(session: Session, { schema, name }: TableName): Promise<boolean> {
  const [row] = await session.query<{ isThere: boolean }>(
    'SELECT pg_catalog.to_regclass($1) IS NOT NULL AS "isThere"',
    [qualify(schema, name)],
  );
  return row?.isThere ?? false;
}

/** The wrong sort of object under a name, with what it is and what to do. */
export function wrongKind(
  relation: Pick<Relation, "schema" | "name">,
  what: string,
  hint: string,
): UserError {
  return new UserError("kind", `${relation.schema}.${relation.name} is ${what}`, hint);
}

/** @throws UserError when it is something other than a table */
export function requireTable(relation: Pick<Relation, "schema" | "name" | "kind">): void {
  if (relation.kind === "r" || relation.kind === "p") return;
  throw wrongKind(
    relation,
    `${kinds.get(relation.kind) ?? "something else"}, no table`,
    "Choose another name.",
  );
}

export const kinds: ReadonlyMap<string, string> = new Map([
  ["r", "a table"],
  ["p", "a partitioned table"],
  ["i", "an index"],
  ["I", "a partitioned index"],
  ["S", "a sequence"],
  ["v", "a view"],
  ["m", "a materialized view"],
  ["c", "a composite type"],
  ["f", "a foreign table"],
]);

const strategies = { r: "range", l: "list", h: "hash" } as const;

export function partitionByOf(
  relation: Pick<Relation, "strategy" | "keyColumns" | "isKeyPlain">,
): PartitionByCatalog | undefined {
  if (relation.strategy === null) return undefined;
  const columns = (relation.keyColumns ?? []).map((column) => column ?? "an expression");
  return {
    strategy: strategies[relation.strategy],
    columns,
    ...(!relation.isKeyPlain && { isBeyondSpec: true }),
  };
}

const relationQuery = `
  SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
         pg_get_userbyid(c.relowner) AS owner, c.relispartition AS "isPartition",
         pg_get_expr(c.relpartbound, c.oid) AS bound, obj_description(c.oid, 'pg_class') AS comment,
         k.partstrat AS strategy,
         (SELECT json_agg(a.attname ORDER BY position)
            FROM unnest(k.partattrs) WITH ORDINALITY AS u (attnum, position)
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum) AS "keyColumns",
         k.partexprs IS NULL AS "isKeyPlain",
         c.relpersistence = 'u' AS "isUnlogged",
         (SELECT spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
         (SELECT json_agg(o) FROM (
            SELECT unnest(c.reloptions) AS o
            UNION ALL
            SELECT 'toast.' || unnest(t.reloptions) FROM pg_class t WHERE t.oid = c.reltoastrelid) AS all_of_them)
           AS options
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_partitioned_table k ON k.partrelid = c.oid`;
