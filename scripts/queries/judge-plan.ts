import type { ClientBase } from "pg";
import { schemaName } from "../../lib/commerce-model.ts";
import { qualify } from "../../lib/identifier.ts";
import { explainQuery } from "./run-query.ts";
import { planUses } from "./plan-uses.ts";
import type { ExpectedRead, QueryValues, ShopQuery } from "./shop-query.ts";
import { tableReads, type Roots, type TableRead } from "./table-reads.ts";

/** From so many orders on a plan is judged: what is smaller is read at once by whatever costs least. */
export const ordersAtScale = 100_000;

/** Whether the shop is big enough for its plans to matter; counted no further than that. */
export async function isAtScale(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ orders: string }>(
    `SELECT count(*)::text AS orders
     FROM (SELECT FROM ${qualify(schemaName, "orders")} LIMIT ${ordersAtScale}) AS counted`,
  );
  return Number(rows[0]?.orders) === ordersAtScale;
}

/** How a run of the query reads its tables. */
export async function readsOf(
  client: ClientBase,
  query: ShopQuery,
  values: QueryValues,
  roots: Roots,
): Promise<TableRead[]> {
  return tableReads(planUses(await explainQuery(client, query, values, { isRun: true })), roots);
}

/** What is wrong with the way in which one run reads a shop of scale, a line each. */
export function judgeReads({ reads: expected }: ShopQuery, reads: readonly TableRead[]): string[] {
  return expected.flatMap((each) => {
    const found = reads.find(({ schema, table }) => schema === schemaName && table === each.table);
    return found ? judgeRead(each, found) : [`${each.table} is not read`];
  });
}

function judgeRead({ table, by, isPruned }: ExpectedRead, read: TableRead): string[] {
  const { indexes, beginnings, partitions } = read;
  const sequential = read.sequential.filter((relation) => !beginnings.includes(relation));
  const others = indexes.filter((index) => !by.includes(index));
  const faults: string[] = [];
  if (sequential.length > 0) faults.push(`${sequential.join(", ")} is read from end to end, not by ${by[0]}`);
  if (others.length > 0) faults.push(`${table} is read by ${others.join(", ")}, not by ${by.join(" or ")}`);
  if (isPruned && (partitions?.perKey ?? 0) > 1) {
    faults.push(`${table}: ${partitions?.perKey?.toFixed(1) ?? "?"} partitions are looked into for one key`);
  }
  return faults;
}

/**
 * The controls, or the judgement above would prove nothing: with indexes unusable every judged table has to show
 * as read from end to end, and without pruning more than one partition for a key. Returns what did not show.
 */
export async function controlReads(
  client: ClientBase,
  query: ShopQuery,
  values: QueryValues,
  roots: Roots,
): Promise<string[]> {
  const scanned = await without(client, ["indexscan", "indexonlyscan", "bitmapscan"], async () => {
    // Not run: it would scan a table for each row of another.
    const plan = await explainQuery(client, query, values, { isRun: false });
    return tableReads(planUses(plan), roots);
  });
  const faults = query.reads
    .filter(({ table }) => !scanned.some((read) => read.table === table && read.sequential.length > 0))
    .map(({ table }) => `with indexes off, the plan shows no sequential scan of ${table}`);
  const pruned = query.reads.filter(({ isPruned }) => isPruned).map(({ table }) => table);
  if (pruned.length === 0) return faults;
  const unpruned = await without(client, ["partition_pruning"], () => readsOf(client, query, values, roots));
  for (const { table, partitions } of unpruned) {
    // A run that looked up no key says nothing.
    if (!pruned.includes(table) || !partitions || partitions.perKey === 0) continue;
    if (partitions.perKey === 1 && partitions.inPlan > 1) {
      faults.push(`with pruning off, ${table} still shows one partition for each key`);
    }
  }
  return faults;
}

/** Does `work` with some ways of the planner switched off, and leaves the transaction as it was. */
async function without<T>(client: ClientBase, ways: readonly string[], work: () => Promise<T>): Promise<T> {
  await client.query("SAVEPOINT without");
  try {
    for (const way of ways) await client.query(`SET LOCAL enable_${way} TO off`);
    return await work();
  } finally {
    await client.query("ROLLBACK TO SAVEPOINT without");
  }
}
