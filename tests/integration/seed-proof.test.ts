import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Client } from "pg";
import { commerceTables, schemaName, type CommerceTable } from "../../lib/commerce-model.ts";
import { withClient } from "../../lib/connection.ts";
import { qualify, quoteIdentifier } from "../../lib/identifier.ts";
import type { Check } from "../../scripts/check/check.ts";
import { generatedRows } from "../../scripts/check/checks/generated-rows.ts";
import { shopShapes } from "../../scripts/check/checks/shop-shapes.ts";
import { runChecks, type CheckResult } from "../../scripts/check/run-checks.ts";
import {
  bucketHashes,
  contentHashes,
  firstDifference,
  rowHashes,
} from "../../scripts/check/table-content.ts";
import { RandomStream } from "../../scripts/seed/generate/random-stream.ts";
import { silentProgress } from "../../scripts/seed/progress.ts";
import { seed } from "../../scripts/seed/seed.ts";
import { startCommerceCluster, type CommerceCluster } from "../helpers/commerce-cluster.ts";
import {
  copyCommerceDatabase,
  createCommerceDatabase,
  createCommerceRoles,
  type CommerceDatabase,
} from "../helpers/commerce-database.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";

describe("a replica that went its own way", () => {
  let cluster: CommerceCluster;

  before(async () => {
    cluster = await startCommerceCluster();
    await cluster.replica.caughtUp();
    await withClient(cluster.replica.superuser, "test", (client) => client.query("SELECT pg_promote()"));
  });
  after(() => cluster[Symbol.asyncDispose]());

  test("of 100 cells that are changed there, one at a time, 100 are found, each with its key", async () => {
    const { database } = cluster.original.superuser;
    const random = new RandomStream(20261125, "mutations");
    await withClient(cluster.original.superuser, "test", (primary) =>
      withClient({ ...cluster.replica.superuser, database }, "test", async (replica) => {
        await primary.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
        const expected = await contentHashes(primary);
        assert.equal(firstDifference(expected, await contentHashes(replica)), undefined);
        await replica.query("SET session_replication_role TO replica");
        let found = 0;
        for (let index = 0; index < 100; index++) {
          random.at(index);
          const table = random.pick(commerceTables.filter(({ name }) => name !== "categories"));
          const column = random.pick(table.columns.filter(({ name }) => !table.primaryKey.includes(name)));
          const id = random.int(1, 50);
          await replica.query("BEGIN");
          await changeCell(replica, table, column, id);
          assert.equal(firstDifference(expected, await contentHashes(replica)), table.name);
          const key = await firstDifferentKey(primary, replica, table);
          assert.equal(key?.split(",")[0], String(id), `${table.name}.${column.name} of ${id}`);
          found++;
          await replica.query("ROLLBACK");
        }
        assert.equal(found, 100);
      }),
    );
  });

  test("two values that change places are found, though each sum over the columns stays", async () => {
    const { database } = cluster.original.superuser;
    await withClient({ ...cluster.replica.superuser, database }, "test", async (client) => {
      await client.query("BEGIN");
      const before = (await contentHashes(client)).get("inventory");
      const plainSum =
        "SELECT sum(hash_record_extended(t, 0)) % (2::numeric ^ 64) AS sum FROM shop.inventory t";
      const sum = async (): Promise<bigint> => {
        const { rows } = await client.query<{ sum: string }>(plainSum);
        return BigInt.asUintN(64, BigInt((rows[0]?.sum ?? "").split(".")[0] ?? ""));
      };
      const sumBefore = await sum();
      await client.query(`
        UPDATE shop.inventory t SET stock_quantity = o.stock_quantity FROM shop.inventory o
        WHERE (t.inventory_id, o.inventory_id) IN ((1, 2), (2, 1)) AND t.stock_quantity <> o.stock_quantity`);
      const after = (await contentHashes(client)).get("inventory");
      assert.equal(await sum(), sumBefore, "the control: a plain sum in 64 bits sees nothing");
      assert.notEqual(after, before);
      await client.query("ROLLBACK");
    });
  });
});

describe("what the generator says of the rows", () => {
  let server: PostgresServer;
  let shop: CommerceDatabase;
  let copies = 0;

  before(async () => {
    server = await startPostgres();
    shop = await createCommerceDatabase(server.superuser, await createCommerceRoles(server.superuser));
    await seed(shop.stack, { scale: 6, asOf: "2026-11-22" }, { progress: silentProgress });
  });
  after(() => server[Symbol.asyncDispose]());

  test("all of them are as generated, and have the shapes of a shop", async () => {
    const rows = await run(generatedRows);
    assert.deepEqual(rows.faults, []);
    assert.match(rows.detail, /^119105 rows as generated, read from pg-1$/);
    const shapes = await run(shopShapes);
    assert.deepEqual(shapes.faults, []);
    assert.match(
      shapes.detail,
      /^9 rules hold; products by Zipf with 0\.\d+ \(meant 0\.9\), users by Zipf with 0\.\d+/,
    );
  });

  const changes: readonly (readonly [string, string, string])[] = [
    ["UPDATE shop.users SET address = address || ' ' WHERE user_id = 1234", "users", "1234"],
    ["UPDATE shop.orders SET order_price = order_price + 0.01 WHERE order_id = 19200", "orders", "19200"],
    ["DELETE FROM shop.orderdetails WHERE order_detail_id IN (47000, 46999)", "orderdetails", "46999"],
    ["DELETE FROM shop.reviews WHERE review_id = 4800", "reviews", "4800"],
  ];
  for (const [change, table, id] of changes) {
    test(`${change}: the first row of the table that differs is named`, async () => {
      assert.deepEqual(await faultsAfter(change, generatedRows), [
        `${table} on pg-1 is not what the seed wrote, first at id ${id}`,
      ]);
    });
  }

  const broken: readonly (readonly [string, RegExp])[] = [
    [
      "UPDATE shop.orders SET order_price = order_price + 1 WHERE order_id = 5",
      /1 times an order's price is not that of its lines/,
    ],
    [
      "UPDATE shop.shipping SET ship_date = ship_date - interval '9 days' WHERE shipping_id = 7",
      /1 times something was sent before it was paid/,
    ],
    [
      "UPDATE shop.shipping SET delivered_date = NULL WHERE shipping_id IN (8, 9)",
      /2 times a delivery is out of order/,
    ],
    [
      "UPDATE shop.reviews SET created_at = '2025-01-01' WHERE review_id = 3",
      /1 times a review comes before a delivery/,
    ],
    [
      "UPDATE shop.inventory SET stock_quantity = stock_quantity + 1 WHERE inventory_id = 3",
      /1 times a product's stock is not/,
    ],
    [
      "UPDATE shop.products SET product_price = product_price + 1 WHERE product_id = 1",
      /\d+ times a line is not worth/,
    ],
    [
      "UPDATE shop.transactions SET transaction_date = '2025-01-01' WHERE transaction_id = 2",
      /1 times a payment comes before its order/,
    ],
    [
      "UPDATE shop.orderdetails SET product_id = 1 + order_detail_id % 600",
      /products by Zipf with -?0\.0\d+ \(meant 0\.9\)/,
    ],
    ["UPDATE shop.orders SET user_id = 1 + order_id % 3000", /users by Zipf with -?0\.\d+ \(meant 0\.7\)/],
  ];
  for (const [change, fault] of broken) {
    test(`${change}: is not a shop any more`, async () => {
      const faults = await faultsAfter(change, shopShapes);
      assert.match(faults.join("; "), fault);
    });
  }

  test("of a live shop, what was seeded is not asked for", async () => {
    const { checks } = await runChecks(shop.stack, { isLive: true, checks: [generatedRows, shopShapes] });
    assert.deepEqual(checks, []);
  });

  async function run(check: Check, of = shop): Promise<CheckResult> {
    const { checks } = await runChecks(of.stack, { checks: [check] });
    return checks[0] ?? assert.fail("the check did not run");
  }

  /** What a check finds fault with once a copy has been changed, constraints or not. */
  async function faultsAfter(change: string, check: Check): Promise<readonly string[]> {
    await using copy = await copyCommerceDatabase(shop, server.superuser, `changed-${++copies}`);
    await copy.sql(`SET session_replication_role TO replica; ${change}`);
    return (await run(check, copy)).faults;
  }
});

async function changeCell(
  client: Client,
  { name, primaryKey }: CommerceTable,
  column: CommerceTable["columns"][number],
  id: number,
): Promise<void> {
  const cell = quoteIdentifier(column.name);
  const other: Readonly<Record<string, string>> = {
    integer: `coalesce(${cell}, 0) + 1`,
    numeric: `${cell} + 0.01`,
    text: `coalesce(${cell}, '') || ' '`,
    date: `${cell} + 1`,
    timestamp: `coalesce(${cell}, '2026-01-01') + interval '1 microsecond'`,
  };
  const key = quoteIdentifier(primaryKey[0] ?? "");
  const check = name === "reviews" && column.name === "rating" ? `1 + ${cell} % 5` : other[column.type];
  const { rowCount } = await client.query(
    `UPDATE ${qualify(schemaName, name)} SET ${cell} = ${check ?? "NULL"} WHERE ${key} = $1`,
    [id],
  );
  assert.equal(rowCount, 1);
}

async function firstDifferentKey(
  one: Client,
  other: Client,
  table: CommerceTable,
): Promise<string | undefined> {
  const bucket = firstDifference(await bucketHashes(one, table), await bucketHashes(other, table));
  if (bucket === undefined) return undefined;
  return firstDifference(await rowHashes(one, table, bucket), await rowHashes(other, table, bucket));
}
