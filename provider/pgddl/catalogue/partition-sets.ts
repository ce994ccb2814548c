import type { MemberCatalog, PartitionCatalog, PartitionSetCatalog } from "../catalog.ts";
import { formatId } from "../object-id.ts";
import { parseBoundSql } from "../plan/bound.ts";
import type { MemberFacts, ParentFacts } from "../plan/partition-facts.ts";
import { markPrefix, parseMark } from "../plan/partition-set-mark.ts";
import type { SetFacts, SetTable } from "../plan/partition-set-facts.ts";
import type { TableName } from "../plan/statement.ts";
import type { Session } from "../server/database.ts";
import { readMember, readParent, readPartition, readPartitionsOf } from "./partitions.ts";
import { partitionByOf, readRelation, wrongKind, type Relation } from "./tables.ts";

/**
 * A partitioned table with all its partitions, and those that its set has detached, by three queries. Which of
 * the partitions are the set's own is not known here: members are those with its mark, all others are others.
 * @param oid found by it when nothing has the name
 * @throws UserError for a table that no set can be of
 */
export async function readPartitionSet(
  session: Session,
  schema: string,
  name: string,
  oid?: string,
): Promise<PartitionSetCatalog | undefined> {
  const relation = (await readRelation(session, schema, name)) ?? (await readByOid(session, oid));
  if (!relation) return undefined;
  const partitionBy = partitionByOf(relation);
  const [keyColumn] = partitionBy?.columns ?? [];
  const isPlain = partitionBy?.isBeyondSpec !== true && partitionBy?.columns.length === 1;
  if (partitionBy?.strategy !== "range" || !isPlain || keyColumn === undefined) {
    const what = partitionBy
      ? `partitioned by ${partitionBy.strategy} (${partitionBy.columns.join(", ")})`
      : "not partitioned";
    throw wrongKind(relation, what, "A set needs a table that is partitioned by range over one column.");
  }
  const parent = { schema: relation.schema, name: relation.name };
  // After a rename of the parent the marks still have its former name.
  const prefixes = [markPrefix(parent), markPrefix({ schema, name })];
  const rows = await session.query<MemberRow>(memberQuery, [relation.oid, ...prefixes]);
  const found = rows.flatMap((row) => memberOf(row, [parent, { schema, name }]));
  return {
    oid: relation.oid,
    schema: relation.schema,
    parent: relation.name,
    owner: relation.owner,
    keyColumn,
    keyType: await readKeyType(session, relation.oid),
    members: found.filter(({ isMarked }) => isMarked).map(({ member }) => member),
    others: found.filter(({ isMarked }) => !isMarked).map(({ member }) => member),
  };
}

async function readByOid(session: Session, oid: string | undefined): Promise<Relation | undefined> {
  if (oid === undefined) return undefined;
  const [named] = await session.query<TableName>(
    `SELECT n.nspname AS schema, c.relname AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid`,
    [oid],
  );
  return named && readRelation(session, named.schema, named.name);
}

/**
 * Partitions are read together, however many there are; other tables one by one, for those are few.
 * @param names of tables in the set's schema, there or not
 */
export async function readSetFacts(
  session: Session,
  parent: TableName,
  names: readonly string[],
): Promise<SetFacts | undefined> {
  const facts = await readParent(session, parent.schema, parent.name);
  if (!facts) return undefined;
  const partitions = await readPartitionsOf(session, parent);
  const rows = await session.query<{ name: string; kind: string }>(
    `SELECT c.relname AS name, c.relkind AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = ANY ($2::text[]) ORDER BY c.relname`,
    [parent.schema, [...names]],
  );
  const isTable = (kind: string): boolean => kind === "r" || kind === "p";
  const tables = new Map<string, SetTable>();
  for (const { name, kind } of rows) {
    const partition = partitions.get(formatId([parent.schema, name]));
    if (partition) {
      tables.set(name, { live: partition, member: memberFactsOf(partition, facts) });
      continue;
    }
    const live = isTable(kind) ? await readPartition(session, parent.schema, name) : undefined;
    if (live) tables.set(name, { live, member: await readMember(session, live, parent) });
  }
  const taken = rows.filter(({ kind }) => !isTable(kind)).map(({ name }) => name);
  return { parent: facts, tables, taken };
}

/** What is attached fits, and has the foreign keys of its parent. */
function memberFactsOf(live: PartitionCatalog, { references }: ParentFacts): MemberFacts {
  const isPartitioned = live.partitionBy !== undefined;
  return { isPartitioned, references, hasCheck: live.hasBoundCheck === true, misfits: [] };
}

interface MemberRow {
  readonly schema: string;
  readonly name: string;
  readonly oid: string;
  readonly owner: string;
  readonly comment: string | null;
  /** Null: detached. */
  readonly bound: string | null;
  readonly isDetachPending: boolean | null;
}

function memberOf(
  row: MemberRow,
  parents: readonly TableName[],
): readonly { readonly member: MemberCatalog; readonly isMarked: boolean }[] {
  const { schema, name, oid, owner, comment } = row;
  const [mark] = parents.flatMap((parent) => parseMark(parent, comment ?? undefined) ?? []);
  const bound = row.bound === null ? mark?.bound : parseBoundSql(row.bound);
  if (!bound) return [];
  const member: MemberCatalog = {
    ...{ schema, name, oid, owner, bound },
    ...(comment !== null && { comment }),
    ...(row.isDetachPending === true && { isDetachPending: true }),
    ...(row.bound === null && { isDetached: true }),
  };
  return [{ member, isMarked: mark !== undefined }];
}

const memberQuery = `
  SELECT n.nspname AS schema, c.relname AS name, c.oid::text AS oid, pg_get_userbyid(c.relowner) AS owner,
         d.description AS comment, pg_get_expr(c.relpartbound, c.oid) AS bound,
         i.inhdetachpending AS "isDetachPending"
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
   WHERE i.inhparent = $1::oid AND c.relispartition
   UNION ALL
  SELECT n.nspname, c.relname, c.oid::text, pg_get_userbyid(c.relowner), d.description, NULL, NULL
    FROM pg_description d JOIN pg_class c ON c.oid = d.objoid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE d.classoid = 'pg_class'::regclass AND d.objsubid = 0 AND c.relkind IN ('r', 'p')
     AND NOT c.relispartition AND (starts_with(d.description, $2) OR starts_with(d.description, $3))
   ORDER BY 1, 2`;

async function readKeyType(session: Session, oid: string): Promise<string> {
  const [row] = await session.query<{ type: string }>(
    `SELECT format_type(a.atttypid, a.atttypmod) AS type
       FROM pg_partitioned_table k JOIN pg_attribute a ON a.attrelid = k.partrelid AND a.attnum = k.partattrs[0]
      WHERE k.partrelid = $1`,
    [oid],
  );
  return row?.type ?? "";
}
