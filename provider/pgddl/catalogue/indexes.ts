import type { IndexCatalog } from "../catalog.ts";
import { kinds, readRelation, wrongKind } from "./tables.ts";
import type { Session } from "../server/database.ts";
import { leafIndexName, type IndexedTable, type Leftover } from "../plan/index-plan.ts";
import type { IndexSpec } from "../spec.ts";
import { qualify } from "../../../lib/identifier.ts";

/** @throws UserError when the name is that of something other than an index */
export async function readIndex(
  session: Session,
  schema: string,
  name: string,
): Promise<IndexCatalog | undefined> {
  const relation = await readRelation(session, schema, name);
  if (!relation) return undefined;
  if (relation.kind !== "i" && relation.kind !== "I") {
    throw wrongKind(
      relation,
      `${kinds.get(relation.kind) ?? "something else"}, no index`,
      "Choose another name.",
    );
  }
  const [row] = await session.query<IndexRow>(indexQuery, [relation.oid]);
  if (!row) return undefined;
  const beyond = [
    ...(row.columns.includes(null) ? ["expressions"] : []),
    ...(row.hasPredicate ? ["a predicate"] : []),
    ...(row.hasIncluded ? ["INCLUDE"] : []),
    ...(row.hasOptions ? ["a sort order of its own"] : []),
    ...(row.constraint === null ? [] : [`the constraint ${row.constraint}`]),
  ];
  return {
    oid: relation.oid,
    schema,
    name,
    table: row.table,
    owner: relation.owner,
    columns: row.columns.map((column) => column ?? "an expression"),
    isUnique: row.isUnique,
    method: row.method,
    isValid: row.isValid,
    isPartitioned: relation.kind === "I",
    ...(beyond.length > 0 && { beyondSpec: beyond.join(", ") }),
  };
}

/** What a plan has to know of the table; undefined when it does not exist. */
export async function readIndexedTable(session: Session, spec: IndexSpec): Promise<IndexedTable | undefined> {
  const relation = await readRelation(session, spec.schema, spec.table);
  if (!relation) return undefined;
  if (relation.kind !== "r" && relation.kind !== "p" && relation.kind !== "m") {
    throw wrongKind(
      relation,
      `${kinds.get(relation.kind) ?? "something else"}, which has no indexes`,
      "Name a table.",
    );
  }
  const isPartitioned = relation.kind === "p";
  const below = isPartitioned
    ? await session.query<IndexedTable["below"][number]>(belowQuery, [relation.oid])
    : [];
  const [look] = await session.query<{ isEmpty: boolean }>(emptyQuery, [relation.oid]);
  const names = [
    { schema: spec.schema, name: spec.name },
    ...below.map((each) => ({ schema: each.schema, name: leafIndexName(spec, each.name) })),
  ];
  const leftovers = await session.query<Leftover>(leftoverQuery, [
    names.map((each) => qualify(each.schema, each.name)),
  ]);
  return { owner: relation.owner, isPartitioned, isEmpty: look?.isEmpty ?? true, below, leftovers };
}

interface IndexRow {
  readonly table: string;
  readonly columns: (string | null)[];
  readonly isUnique: boolean;
  readonly isValid: boolean;
  readonly method: string;
  readonly hasPredicate: boolean;
  readonly hasIncluded: boolean;
  readonly hasOptions: boolean;
  readonly constraint: string | null;
}

const indexQuery = `
  SELECT t.relname AS table, i.indisunique AS "isUnique", i.indisvalid AS "isValid", m.amname AS method,
         i.indpred IS NOT NULL AS "hasPredicate", i.indnatts > i.indnkeyatts AS "hasIncluded",
         EXISTS (SELECT 1 FROM unnest(i.indoption) AS o WHERE o <> 0) AS "hasOptions",
         (SELECT conname FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x')
           AND conrelid = i.indrelid) AS constraint,
         (SELECT json_agg(a.attname ORDER BY position)
            FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u (attnum, position)
            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
           WHERE position <= i.indnkeyatts) AS columns
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
   WHERE i.indexrelid = $1`;

const belowQuery = `
  SELECT n.nspname AS schema, c.relname AS name, pn.nspname AS "parentSchema", p.relname AS parent,
         c.relkind = 'p' AS "isPartitioned"
    FROM pg_partition_tree($1::oid::regclass) t
    JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class p ON p.oid = t.parentrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
   WHERE t.level > 0
   ORDER BY t.level, n.nspname, c.relname`;

// By size, not by rows: the role need not be allowed to read them.
const emptyQuery = `
  SELECT coalesce(sum(pg_relation_size(c.oid)), 0) = 0 AS "isEmpty"
    FROM pg_class c
   WHERE c.relkind IN ('r', 'm')
     AND (c.oid = $1::oid OR c.oid IN (SELECT relid FROM pg_partition_tree($1::oid::regclass)))`;

const leftoverQuery = `
  SELECT n.nspname AS schema, c.relname AS name, i.indisvalid AS "isValid",
         EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = c.oid) AS "isAttached"
    FROM unnest($1::text[]) AS wanted (id)
    JOIN pg_class c ON c.oid = to_regclass(wanted.id) JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_index i ON i.indexrelid = c.oid`;
