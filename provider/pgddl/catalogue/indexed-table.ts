import { kinds, readRelation, wrongKind } from "./tables.ts";
import type { IndexedTable, Leftover, PartBelow } from "../plan/index-facts.ts";
import { partName } from "../plan/made-up-name.ts";
import type { Size, TableName } from "../plan/statement.ts";
import type { Session } from "../server/database.ts";

/**
 * What a plan has to know of the table; undefined when it does not exist.
 * @param index the name under which the index is, or is to be, built
 * @throws UserError when nothing of the name can have an index
 */
export async function readIndexedTable(
  session: Session,
  table: TableName,
  index: string,
): Promise<IndexedTable | undefined> {
  const relation = await readRelation(session, table.schema, table.name);
  if (!relation) return undefined;
  if (relation.kind !== "r" && relation.kind !== "p" && relation.kind !== "m") {
    throw wrongKind(
      relation,
      `${kinds.get(relation.kind) ?? "something else"}, which has no indexes`,
      "Name a table.",
    );
  }
  const rows = await session.query<PartRow>(treeQuery, [relation.oid]);
  const attached = await session.query<AttachedRow>(attachedQuery, [table.schema, index]);
  const ofTable = new Map(attached.map((each) => [each.tableOid, each]));
  const parts = rows.map((row): PartBelow => {
    const there = ofTable.get(row.oid);
    const { schema, name, parentSchema, parent, isPartitioned, partitionKey, size } = row;
    return {
      ...{ schema, name, isPartitioned, size, partitionKey: partitionKey ?? [] },
      ...{ parentSchema: parentSchema ?? "", parent: parent ?? "" },
      ...(there && { attached: { name: there.name, isValid: there.isValid } }),
    };
  });
  const [top, ...below] = parts;
  const names = [
    { oid: relation.oid, schema: table.schema, name: index },
    ...rows.slice(1).map(({ oid, schema, name }) => ({ oid, schema, name: partName(name, index) })),
  ];
  const leftovers = await session.query<Leftover>(leftoverQuery, [
    names.map(({ oid }) => oid),
    names.map(({ schema }) => schema),
    names.map(({ name }) => name),
  ]);
  return {
    owner: relation.owner,
    isPartitioned: relation.kind === "p",
    // By size, not by rows: the role need not be allowed to read them.
    isEmpty: parts.every(({ size }) => size?.bytes === 0),
    ...(top?.size && { size: top.size }),
    partitionKey: top?.partitionKey ?? [],
    below,
    leftovers,
  };
}

interface PartRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly parentSchema: string | null;
  readonly parent: string | null;
  readonly isPartitioned: boolean;
  readonly partitionKey: (string | null)[] | null;
  readonly size: Size;
}

interface AttachedRow {
  readonly tableOid: string;
  readonly name: string;
  readonly isValid: boolean;
}

/** The table, then everything below it, parents first. A materialized view has no tree, so it stands for itself. */
const treeQuery = `
  WITH tree AS (
    SELECT relid::oid AS oid, parentrelid::oid AS parent, level FROM pg_partition_tree($1::oid::regclass)
    UNION SELECT $1::oid, NULL, 0)
  SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, pn.nspname AS "parentSchema",
         p.relname AS parent, c.relkind = 'p' AS "isPartitioned",
         (SELECT json_agg(a.attname ORDER BY place)
            FROM pg_partitioned_table k, unnest(k.partattrs) WITH ORDINALITY AS u (attnum, place)
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum AND u.attnum <> 0
           WHERE k.partrelid = c.oid) AS "partitionKey",
         json_build_object('rows', greatest(c.reltuples, 0)::float8,
                           'bytes', CASE WHEN c.relkind = 'p' THEN 0 ELSE pg_relation_size(c.oid) END) AS size
    FROM (SELECT oid, max(parent) AS parent, max(level) AS level FROM tree GROUP BY oid) AS t
    JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class p ON p.oid = t.parent AND t.level > 0 LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
   ORDER BY t.level, n.nspname, c.relname`;

const attachedQuery = `
  SELECT i.indrelid::text AS "tableOid", x.relname AS name, i.indisvalid AS "isValid"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
         pg_partition_tree(c.oid::regclass) AS t
    JOIN pg_index i ON i.indexrelid = t.relid JOIN pg_class x ON x.oid = t.relid
   WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'I' AND t.level > 0`;

const leftoverQuery = `
  SELECT n.nspname AS schema, c.relname AS name, i.indisvalid AS "isValid", t.relname AS table,
         c.relkind = 'I' AS "isPartitioned",
         EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = c.oid) AS "isAttached"
    FROM unnest($1::oid[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (oid, schema, name, place)
    JOIN pg_namespace n ON n.nspname = wanted.schema
    JOIN pg_class c ON c.relname = wanted.name AND c.relnamespace = n.oid
    JOIN pg_index i ON i.indexrelid = c.oid AND i.indrelid = wanted.oid JOIN pg_class t ON t.oid = i.indrelid
   ORDER BY wanted.place`;
