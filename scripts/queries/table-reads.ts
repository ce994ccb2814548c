import type { ClientBase } from "pg";
import type { Scan } from "./plan-uses.ts";

/** How a plan reads one table, its partitions taken together. */
export interface TableRead {
  readonly schema: string;
  readonly table: string;
  /** Every index that is used, by the partitioned index's name where it is one's part. */
  readonly indexes: readonly string[];
  /** What is read from end to end: the table, or partitions of it. */
  readonly sequential: readonly string[];
  /** Those partitions among them that have too few rows for an index to matter. */
  readonly beginnings: readonly string[];
  /** Of a partitioned table: how many partitions the plan has, and how many were looked into for one key. */
  readonly partitions?: { readonly inPlan: number; readonly perKey: number | undefined };
}

/** The partitioned table or index that a part belongs to, by the part's name. */
export type Roots = ReadonlyMap<string, string>;

/** A partition with no more rows is a page or a few: to read them costs less than a look into an index. */
const fewRows = 500;

/** Of all partitions of a schema's tables and indexes. */
export async function readRoots(client: ClientBase, schema: string): Promise<Roots> {
  const { rows } = await client.query<{ part: string; root: string }>(
    `SELECT c.relname AS part, root.relname AS root
     FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_class root ON root.oid = pg_partition_root(c.oid)
     WHERE n.nspname = $1 AND c.relispartition`,
    [schema],
  );
  return new Map(rows.map(({ part, root }) => [part, root]));
}

/** The scans by table, in the order of the plan. */
export function tableReads(scans: readonly Scan[], roots: Roots): TableRead[] {
  const tables = new Map<string, Scan[]>();
  for (const scan of scans) {
    const key = JSON.stringify([scan.schema, roots.get(scan.relation) ?? scan.relation]);
    tables.set(key, [...(tables.get(key) ?? []), scan]);
  }
  return [...tables.values()].map((of) => readOf(of, roots));
}

function readOf(all: readonly Scan[], roots: Roots): TableRead {
  const first = all[0];
  if (!first) throw new RangeError("a table without a scan");
  // A partition that no key led to is read by nothing, whatever the plan would have done with it.
  const done = all.filter(({ among, loops }) => !(among && loops === 0));
  const root = roots.get(first.relation);
  return {
    schema: first.schema,
    table: root ?? first.relation,
    indexes: unique(done.flatMap(({ indexes }) => indexes.map((index) => roots.get(index) ?? index))),
    sequential: unique(done.filter(isSequential).map(({ relation }) => relation)),
    beginnings: unique(done.filter(isBeginning).map(({ relation }) => relation)),
    ...(root === undefined
      ? {}
      : { partitions: { inPlan: unique(all.map(({ relation }) => relation)).length, perKey: perKey(all) } }),
  };
}

function isSequential({ indexes }: Scan): boolean {
  return indexes.length === 0;
}

function isBeginning({ indexes, among, rowsRead = Infinity }: Scan): boolean {
  return indexes.length === 0 && among !== undefined && rowsRead <= fewRows;
}

/** The most that any group of partitions was looked into, beside how often the group was asked. */
function perKey(all: readonly Scan[]): number | undefined {
  const groups = new Map<number, { asked: number | undefined; looked: number }>();
  for (const { among, loops } of all) {
    // One that stands alone was left over when the plan was made.
    if (!among) continue;
    const group = groups.get(among.group) ?? { asked: among.loops, looked: 0 };
    groups.set(among.group, { ...group, looked: group.looked + (loops ?? 0) });
  }
  let most = groups.size === 0 ? 1 : 0;
  for (const { asked, looked } of groups.values()) {
    if (asked === undefined) return undefined;
    if (asked > 0) most = Math.max(most, looked / asked);
  }
  return most;
}

/** `shop.users by users_pkey, 1 of 10 partitions a key`. */
export function describeRead({ schema, table, indexes, sequential, partitions }: TableRead): string {
  const ways = [
    ...(indexes.length > 0 ? [`by ${indexes.join(" and ")}`] : []),
    ...(sequential.length > 0 ? ["by a sequential scan"] : []),
  ];
  const pruned =
    partitions?.perKey === undefined || ways.length === 0
      ? ""
      : `, ${Number(partitions.perKey.toFixed(1))} of ${partitions.inPlan} partitions a key`;
  return `${schema}.${table} ${ways.join(" and ") || "not at all"}${pruned}`;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
