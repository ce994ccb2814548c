import { UserError } from "../../../lib/errors.ts";
import { parseBoundSql } from "../plan/bound.ts";
import type {
  CheckCatalog,
  ColumnCatalog,
  KeyCatalog,
  PartitionByCatalog,
  PartitionCatalog,
  TableCatalog,
} from "../catalog.ts";
import type { Session } from "../server/database.ts";
import type { ParentFacts } from "../plan/partition-plan.ts";
import { serialFor } from "../plan/type-name.ts";

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

/** @throws UserError when the name is that of something other than a table of its own */
export async function readTable(
  session: Session,
  schema: string,
  name: string,
): Promise<TableCatalog | undefined> {
  const relation = await readRelation(session, schema, name);
  if (!relation) return undefined;
  if (relation.isPartition) throw wrongKind(relation, "a partition", "Manage it as a pgddl:index:Partition.");
  return describeTable(session, relation);
}

/** @throws UserError when the name is that of something other than a table */
export async function describeTable(session: Session, relation: Relation): Promise<TableCatalog> {
  requireTable(relation);
  const { oid, schema, name, owner, comment } = relation;
  const partitionBy = partitionByOf(relation);
  const columns = await session.query<ColumnRow>(columnQuery, [oid]);
  const constraints = await session.query<ConstraintRow>(constraintQuery, [oid]);
  const keys = (type: string): KeyCatalog[] =>
    constraints
      .filter((each) => each.type === type)
      .map((each) => ({ name: each.name, columns: each.columns ?? [] }));
  const [primaryKey] = keys("p");
  const checks: CheckCatalog[] = constraints
    .filter((each) => each.type === "c")
    .map((each) => ({ name: each.name, expression: each.expression ?? "", isValidated: each.isValidated }));
  return {
    oid,
    schema,
    name,
    owner,
    columns: columns.map(columnOf),
    ...(primaryKey && { primaryKey }),
    uniques: keys("u"),
    checks,
    ...(partitionBy && { partitionBy }),
    ...(comment !== null && { comment }),
  };
}

/** A table that is a partition, or was one until it was detached. */
export async function readPartition(
  session: Session,
  schema: string,
  name: string,
): Promise<PartitionCatalog | undefined> {
  const relation = await readRelation(session, schema, name);
  if (!relation) return undefined;
  requireTable(relation);
  const partitionBy = partitionByOf(relation);
  const parents = await session.query<{ parentSchema: string; parent: string; isDetachPending: boolean }>(
    `SELECT n.nspname AS "parentSchema", p.relname AS parent, i.inhdetachpending AS "isDetachPending"
       FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace
      WHERE i.inhrelid = $1`,
    [relation.oid],
  );
  const [parent] = parents;
  const { oid, owner, bound } = relation;
  const isAttached = parent !== undefined && bound !== null;
  return {
    oid,
    schema,
    name,
    owner,
    ...(isAttached && { attached: { ...parent, bound: parseBoundSql(bound) } }),
    ...(partitionBy && { partitionBy }),
  };
}

/** @throws UserError when there is a relation of that name that is not partitioned */
export async function readParent(
  session: Session,
  schema: string,
  name: string,
): Promise<(ParentFacts & { readonly keyTypes: readonly string[] }) | undefined> {
  const relation = await readRelation(session, schema, name);
  if (!relation) return undefined;
  if (relation.kind !== "p")
    throw wrongKind(relation, "not partitioned", "Give its Table a partitionBy, or name another parent.");
  const [facts] = await session.query<{ hasDefault: boolean; keyTypes: string[] }>(
    `SELECT k.partdefid <> 0 AS "hasDefault",
            (SELECT json_agg(format_type(a.atttypid, a.atttypmod) ORDER BY position)
               FROM unnest(k.partattrs) WITH ORDINALITY AS u (attnum, position)
               JOIN pg_attribute a ON a.attrelid = k.partrelid AND a.attnum = u.attnum) AS "keyTypes"
       FROM pg_partitioned_table k WHERE k.partrelid = $1`,
    [relation.oid],
  );
  return { owner: relation.owner, hasDefault: facts?.hasDefault ?? false, keyTypes: facts?.keyTypes ?? [] };
}

/** The wrong sort of object under a name, with what it is and what to do. */
export function wrongKind(relation: Relation, what: string, hint: string): UserError {
  return new UserError("kind", `${relation.schema}.${relation.name} is ${what}`, hint);
}

function requireTable(relation: Relation): void {
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

function partitionByOf(relation: Relation): PartitionByCatalog | undefined {
  if (relation.strategy === null) return undefined;
  const columns = (relation.keyColumns ?? []).map((column) => column ?? "an expression");
  return {
    strategy: strategies[relation.strategy],
    columns,
    ...(!relation.isKeyPlain && { isBeyondSpec: true }),
  };
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly attnum: number;
  readonly identity: string;
  readonly generated: string;
  readonly collation: string | null;
  readonly isDomain: boolean;
  readonly sequence: string | null;
}

function columnOf(row: ColumnRow): ColumnCatalog {
  const { name, notNull, attnum, sequence } = row;
  const ofSequence = sequence === null ? undefined : `nextval('${sequence.replaceAll("'", "''")}'::regclass)`;
  const serial =
    notNull && row.default !== null && row.default === ofSequence ? serialFor(row.type) : undefined;
  const beyond = [
    ...(row.identity === "" ? [] : ["GENERATED AS IDENTITY"]),
    ...(row.generated === "" ? [] : ["GENERATED ALWAYS AS (…) STORED"]),
    ...(row.collation === null ? [] : [`COLLATE ${row.collation}`]),
  ];
  return {
    name,
    type: serial ?? row.type,
    notNull,
    ...(row.default !== null && serial === undefined && { default: row.default }),
    attnum,
    ...(beyond.length > 0 && { beyondSpec: beyond.join(" ") }),
    ...(row.isDomain && { isDomain: true }),
  };
}

interface ConstraintRow {
  readonly name: string;
  readonly type: string;
  readonly columns: string[] | null;
  readonly expression: string | null;
  readonly isValidated: boolean;
}

const relationQuery = `
  SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
         pg_get_userbyid(c.relowner) AS owner, c.relispartition AS "isPartition",
         pg_get_expr(c.relpartbound, c.oid) AS bound, obj_description(c.oid, 'pg_class') AS comment,
         k.partstrat AS strategy,
         (SELECT json_agg(a.attname ORDER BY position)
            FROM unnest(k.partattrs) WITH ORDINALITY AS u (attnum, position)
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum) AS "keyColumns",
         k.partexprs IS NULL AS "isKeyPlain"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_partitioned_table k ON k.partrelid = c.oid`;

const columnQuery = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "notNull",
         pg_get_expr(d.adbin, d.adrelid) AS default, a.attnum, a.attidentity AS identity,
         a.attgenerated AS generated, t.typtype = 'd' AS "isDomain",
         CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,
         (SELECT s.oid::regclass::text FROM pg_depend p JOIN pg_class s ON s.oid = p.objid AND s.relkind = 'S'
           WHERE p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
             AND p.refobjid = a.attrelid AND p.refobjsubid = a.attnum AND p.deptype = 'a' LIMIT 1) AS sequence
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attnum`;

// Named NOT NULL constraints (PostgreSQL 18) are the columns' business.
const constraintQuery = `
  SELECT c.conname AS name, c.contype AS type, pg_get_expr(c.conbin, c.conrelid) AS expression,
         c.convalidated AS "isValidated",
         (SELECT json_agg(a.attname ORDER BY position)
            FROM unnest(c.conkey) WITH ORDINALITY AS u (attnum, position)
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.attnum) AS columns
    FROM pg_constraint c
   WHERE c.conrelid = $1 AND c.contype IN ('p', 'u', 'c')
   ORDER BY c.conname`;
