import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { schemaName } from "../../lib/commerce-model.ts";
import { withClient, type Connection } from "../../lib/connection.ts";
import { UserError } from "../../lib/errors.ts";
import { connectionTo } from "../../lib/stack-outputs.ts";
import { shopQueriesCheck, type RecordedSeed } from "../../scripts/check/checks/shop-queries.ts";
import { runChecks, type CheckResult } from "../../scripts/check/run-checks.ts";
import { answerQuery } from "../../scripts/queries/answer-query.ts";
import { firstDifference } from "../../scripts/queries/compare-answer.ts";
import { expectedAnswers, type QueryCase } from "../../scripts/queries/expected/expectations.ts";
import { controlReads, isAtScale, judgeReads, readsOf } from "../../scripts/queries/judge-plan.ts";
import { casesOf, describeCase } from "../../scripts/queries/query-cases.ts";
import { runQuery } from "../../scripts/queries/run-query.ts";
import { shopQueries } from "../../scripts/queries/shop-queries.ts";
import { readRoots } from "../../scripts/queries/table-reads.ts";
import { Generator } from "../../scripts/seed/generate/generator.ts";
import { freshPlan, type SeedPlan } from "../../scripts/seed/seed-plan.ts";
import {
  copyCommerceDatabase,
  createCommerceDatabase,
  createCommerceRoles,
  type CommerceDatabase,
} from "../helpers/commerce-database.ts";
import { loadPlan } from "../helpers/load-plan.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";

const asOf = "2026-11-22";
const plans = {
  shop: freshPlan({ size: { scale: 2 }, realistic: true, seed: 11, asOf }),
  uniform: freshPlan({ size: { rows: 2000 }, realistic: false, seed: 9, asOf }),
  /** 128,000 orders. */
  big: freshPlan({ size: { scale: 40 }, realistic: true, seed: 11, asOf }),
};
type Name = keyof typeof plans | "empty";

let server: PostgresServer;
const databases = new Map<Name, CommerceDatabase>();

before(async () => {
  server = await startPostgres();
  const credentials = await createCommerceRoles(server.superuser);
  for (const name of ["shop", "uniform", "big", "empty"] as const) {
    const database = await createCommerceDatabase(server.superuser, credentials, name);
    databases.set(name, database);
    if (name !== "empty") await loadPlan(database.superuser, plans[name]);
  }
});
after(() => server[Symbol.asyncDispose]());

describe("each query answers what is computed from the generated rows", () => {
  for (const name of ["shop", "uniform"] as const) {
    test(name, async () => {
      const cases = await casesOf(plans[name], await Generator.of(plans[name]));
      const answers = await expectedAnswers(plans[name], cases);
      await asReporting(name, async (client) => {
        for (const [at, each] of cases.entries()) {
          const { columns, rows } = await runQuery(client, each.query, each.values);
          assert.deepEqual(columns, each.query.columns);
          assert.equal(firstDifference(columns, answers[at] ?? [], rows), undefined, describeCase(each));
        }
      });
    });
  }

  test("with what the shop itself says of the day, the customer and the product", async () => {
    for (const query of shopQueries) {
      const { values, answer, reads } = await answerQuery(reporting("shop"), query, { limit: "3" });
      const [expected] = await expectedAnswers(plans.shop, [{ query, values }]);
      assert.equal(firstDifference(answer.columns, expected ?? [], answer.rows), undefined, query.name);
      assert.ok(answer.rows.length > 0, query.name);
      const tables = reads.map(({ table }) => table);
      for (const { table } of query.reads) assert.ok(tables.includes(table), `${query.name}: ${table}`);
    }
  });

  test("an empty shop has nothing to draw them from, and says so", async () => {
    for (const query of shopQueries) {
      const drawn = query.parameters.find(({ fallback }) => "sql" in fallback);
      if (!drawn) continue;
      await assert.rejects(answerQuery(reporting("empty"), query, {}), (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, new RegExp(`^--${drawn.name}: shop\\.\\w+ has no rows`));
        return true;
      });
    }
  });
});

describe("the check of the queries", () => {
  test("passes on the rows of a seed, and says that the shop is too small for its plans", async () => {
    const { passed, detail } = await check(databaseOf("shop"), [finished(plans.shop)]);
    assert.ok(passed, detail);
    assert.match(
      detail,
      /^11 answers are as computed from the seed; plans are judged from 100000 orders on$/,
    );
  });

  const mutations: [string, string, RegExp][] = [
    [
      "an order's price",
      "UPDATE shop.orders SET order_price = order_price + 0.01 WHERE order_id = 3000",
      /^revenue-by-month --day 2026-11-\d\d --months 12: row \d+: revenue is "[\d.]+", not "[\d.]+"$/,
    ],
    [
      "lost lines of an order",
      "DELETE FROM shop.orderdetails WHERE product_id IN (SELECT product_id FROM shop.orderdetails GROUP BY 1 ORDER BY count(*) DESC LIMIT 20)",
      /^best-sellers --category .+: row \d+: /,
    ],
    [
      "a delivery nobody made",
      "UPDATE shop.shipping SET status = 'Shipped', delivered_date = NULL WHERE shipping_id = 10",
      /^open-shipments .+: row 1: shipping_id is "10", not "\d+"$/,
    ],
    [
      "a product sold out",
      "UPDATE shop.products SET product_quantity = -1 WHERE product_id = (SELECT max(product_id) FROM shop.products)",
      /^stock-alerts .+: row 1: product_id is "200", not "\d+"$/,
    ],
    [
      "a user's name",
      "UPDATE shop.users SET username = 'somebody else' WHERE user_id = (SELECT user_id FROM shop.orders GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)",
      /^customer-history .+: row 1: customer is "somebody else", not "/,
    ],
    [
      "a review that is gone",
      "DELETE FROM shop.reviews WHERE review_id = (SELECT min(review_id) FROM shop.reviews WHERE product_id = (SELECT product_id FROM shop.reviews GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1))",
      /^product-page .+: row 1: reviews is "\d+", not "\d+"$/,
    ],
  ];
  for (const [what, sql, fault] of mutations) {
    test(`fails on ${what}, and names the first difference`, async () => {
      await using copy = await copyCommerceDatabase(databaseOf("shop"), server.superuser, "mutated");
      await copy.sql(sql);
      const { passed, faults } = await check(copy, [finished(plans.shop)]);
      assert.ok(!passed);
      assert.ok(
        faults.some((each) => fault.test(each)),
        faults.join("\n"),
      );
    });
  }

  const unknown: [string, RecordedSeed[], RegExp][] = [
    ["no seed", [], /^no seed on record/],
    ["two seeds", [finished(plans.shop), finished(plans.uniform)], /^rows of 2 seeds/],
    ["an appended seed", [finished({ ...plans.shop, mode: "append" })], /^rows appended to others/],
    ["an unfinished seed", [{ plan: plans.shop, isFinished: false }], /^the seed is not finished/],
  ];
  for (const [what, seeds, detail] of unknown) {
    test(`passes over ${what}, and says so`, async () => {
      const result = await check(databaseOf("shop"), seeds);
      assert.ok(result.passed);
      assert.match(result.detail, detail);
    });
  }
});

describe("the plans of a shop of scale", () => {
  let bigCases: readonly QueryCase[] = [];
  before(async () => {
    bigCases = await casesOf(plans.big, await Generator.of(plans.big));
  });

  test("use the indexes, look into one partition a key, and show it when they do not", async () => {
    const { passed, detail, faults } = await check(databaseOf("big"), [finished(plans.big)]);
    assert.ok(passed, faults.join("\n"));
    assert.match(detail, /every plan uses its indexes; with indexes off, each shows a sequential scan$/);
  });

  const indexesOf: [string, string, string[]][] = [
    ["customer-history", "orders", ["orders_user_id_order_date_order_id_idx"]],
    ["best-sellers", "orders", ["orders_order_date_idx"]],
    ["revenue-by-month", "orders", ["orders_order_date_idx"]],
    ["open-shipments", "shipping", ["shipping_open_idx"]],
    ["stock-alerts", "products", ["products_product_quantity_product_id_idx"]],
    ["product-page", "reviews", ["reviews_product_id_created_at_review_id_idx"]],
  ];
  for (const [name, table, indexes] of indexesOf) {
    test(`of ${name} are judged as bad without ${indexes.join(" and ")}`, async () => {
      const { query, values } = bigCases.find((each) => each.query.name === name) ?? assert.fail(name);
      await withClient(databaseOf("big").superuser, "ecosphere-test", async (client) => {
        await client.query("BEGIN");
        const roots = await readRoots(client, schemaName);
        assert.deepEqual(judgeReads(query, await readsOf(client, query, values, roots)), []);
        await client.query(`DROP INDEX ${indexes.map((index) => `shop.${index}`).join(", ")}`);
        const [fault] = judgeReads(query, await readsOf(client, query, values, roots));
        assert.match(fault ?? "", new RegExp(`^${table} is read `));
        await client.query("ROLLBACK");
      });
    });
  }

  test("are judged as bad with every index unusable, and with pruning off", async () => {
    await asReporting("big", async (client) => {
      assert.ok(await isAtScale(client));
      const roots = await readRoots(client, schemaName);
      const [history] = bigCases;
      assert.ok(history?.query.name === "customer-history");
      assert.deepEqual(await controlReads(client, history.query, history.values, roots), []);
      // The control leaves the session as it was.
      const reads = await readsOf(client, history.query, history.values, roots);
      assert.deepEqual(judgeReads(history.query, reads), []);
      await client.query("SET LOCAL enable_partition_pruning TO off");
      const unpruned = await readsOf(client, history.query, history.values, roots);
      assert.deepEqual(judgeReads(history.query, unpruned), [
        "users: 10.0 partitions are looked into for one key",
      ]);
    });
  });
});

function finished(plan: SeedPlan): RecordedSeed {
  return { plan, isFinished: true };
}

function databaseOf(name: Name): CommerceDatabase {
  return databases.get(name) ?? assert.fail(name);
}

function reporting(name: Name): Connection {
  return connectionTo(databaseOf(name).stack, "ro", "reporting");
}

async function check({ stack }: CommerceDatabase, seeds: readonly RecordedSeed[]): Promise<CheckResult> {
  const { checks } = await runChecks(stack, { checks: [shopQueriesCheck(async () => seeds)] });
  return checks[0] ?? assert.fail("the check did not run");
}

async function asReporting(
  name: Name,
  work: (client: Parameters<typeof runQuery>[0]) => Promise<void>,
): Promise<void> {
  await withClient(reporting(name), "ecosphere-test", async (client) => {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await work(client);
  });
}
