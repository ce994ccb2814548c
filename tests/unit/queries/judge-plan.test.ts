import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judgeReads } from "../../../scripts/queries/judge-plan.ts";
import type { Scan } from "../../../scripts/queries/plan-uses.ts";
import type { ShopQuery } from "../../../scripts/queries/shop-query.ts";
import { describeRead, tableReads } from "../../../scripts/queries/table-reads.ts";

const years = [2020, 2021, 2022];
const roots = new Map(
  years.flatMap((year): [string, string][] => [
    [`users_${year}`, "users"],
    [`users_${year}_pkey`, "users_pkey"],
  ]),
);
const query: ShopQuery = {
  name: "a-query",
  title: "A query",
  parameters: [],
  columns: [],
  reads: [
    { table: "orders", by: ["orders_order_date_idx", "orders_pkey"] },
    { table: "users", by: ["users_pkey"], isPruned: true },
  ],
};

const scan = (relation: string, ...indexes: string[]): Scan => ({
  schema: "shop",
  relation,
  indexes,
  loops: 1,
  rowsRead: 1000,
});
/** The partitions of users, asked `asked` times, each looked into so often. */
const users = (asked: number, ...loops: number[]): Scan[] =>
  years.map((year, at) => ({
    ...scan(`users_${year}`, `users_${year}_pkey`),
    loops: loops[at] ?? 0,
    among: { group: 1, loops: asked },
  }));

const verdict = (...scans: Scan[]): string[] => judgeReads(query, tableReads(scans, roots));
const good = [scan("orders", "orders_order_date_idx"), ...users(20, 15, 5)];

describe("a plan of a shop of scale", () => {
  test("is good when it reads each table by its index, and one partition for each key", () => {
    assert.deepEqual(verdict(...good), []);
    assert.deepEqual(verdict(scan("orders", "orders_order_date_idx", "orders_pkey"), ...users(0)), []);
    assert.deepEqual(verdict(scan("orders", "orders_pkey"), ...users(1, 1)), []);
    // Only one partition was left when the plan was made.
    assert.deepEqual(
      verdict(scan("orders", "orders_order_date_idx"), scan("users_2021", "users_2021_pkey")),
      [],
    );
  });

  test("may read as it likes what it is not held to", () => {
    assert.deepEqual(verdict(...good, scan("products"), scan("orderdetails", "any_idx")), []);
  });

  test("is bad when a table is read from end to end, even once beside its index", () => {
    const fault = "orders is read from end to end, not by orders_order_date_idx";
    assert.deepEqual(verdict(scan("orders"), ...users(20, 20)), [fault]);
    assert.deepEqual(verdict(...good, scan("orders")), [fault]);
  });

  test("is bad when it is read by another index", () => {
    assert.deepEqual(verdict(scan("orders", "orders_user_id_idx"), ...users(1, 1)), [
      "orders is read by orders_user_id_idx, not by orders_order_date_idx or orders_pkey",
    ]);
  });

  test("is bad when several partitions are looked into for a key, or one from end to end", () => {
    const [orders] = good;
    assert.ok(orders);
    assert.deepEqual(verdict(orders, ...users(20, 20, 20, 20)), [
      "users: 3.0 partitions are looked into for one key",
    ]);
    const [first, second] = users(20, 0, 20);
    assert.ok(first && second);
    // What was never looked into does no harm.
    assert.deepEqual(verdict(orders, { ...first, indexes: [] }, second), []);
    assert.deepEqual(verdict(orders, first, { ...second, indexes: [] }), [
      "users_2021 is read from end to end, not by users_pkey",
    ]);
    // A year that has just begun.
    assert.deepEqual(verdict(orders, first, { ...second, indexes: [], rowsRead: 40 }), []);
  });

  test("is bad when it does not read a table at all, or one of another schema", () => {
    assert.deepEqual(verdict(scan("orders", "orders_order_date_idx")), ["users is not read"]);
    const elsewhere = { ...scan("orders", "orders_order_date_idx"), schema: "other" };
    assert.deepEqual(verdict(elsewhere, ...users(1, 1)), ["orders is not read"]);
  });
});

test("a read is told by its index, its partitions, or as sequential", () => {
  assert.deepEqual(tableReads([...good, scan("products")], roots).map(describeRead), [
    "shop.orders by orders_order_date_idx",
    "shop.users by users_pkey, 1 of 3 partitions a key",
    "shop.products by a sequential scan",
  ]);
  const young = users(1, 1).map((each) => ({ ...each, indexes: [], rowsRead: 3 }));
  assert.deepEqual(tableReads(young, roots).map(describeRead), [
    "shop.users by a sequential scan, 1 of 3 partitions a key",
  ]);
  assert.deepEqual(tableReads(users(0), roots).map(describeRead), ["shop.users not at all"]);
});
