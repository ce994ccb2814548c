import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { withClient } from "../../lib/connection.ts";
import type { StackOutputs } from "../../lib/stack-outputs.ts";
import type { Check } from "../../scripts/check/check.ts";
import { endpoints } from "../../scripts/check/checks/endpoints.ts";
import { foreignKeys } from "../../scripts/check/checks/foreign-keys.ts";
import { partitionPruning } from "../../scripts/check/checks/partition-pruning.ts";
import { readerCannotWrite } from "../../scripts/check/checks/reader-cannot-write.ts";
import { replicasRefuseWrites } from "../../scripts/check/checks/replicas-refuse-writes.ts";
import { reportQueries } from "../../scripts/check/checks/report-queries.ts";
import { rowCounts } from "../../scripts/check/checks/row-counts.ts";
import { tablesAndColumns } from "../../scripts/check/checks/tables-and-columns.ts";
import { allChecks, runChecks, type CheckResult } from "../../scripts/check/run-checks.ts";
import { startCommerceCluster, type CommerceCluster } from "../helpers/commerce-cluster.ts";
import type { CommerceDatabase } from "../helpers/commerce-database.ts";

let cluster: CommerceCluster;

before(async () => {
  cluster = await startCommerceCluster();
});

after(() => cluster[Symbol.asyncDispose]());

describe("on a healthy cluster", () => {
  test("all checks pass, and leave the rows and sequences as they were", async () => {
    await using shop = await cluster.copy();
    const state =
      "SELECT string_agg(schemaname || sequencename || last_value, ',' ORDER BY 1) FROM pg_sequences";
    const before = await ask(shop, state);
    const report = await runChecks(cluster.outputsOf(shop));
    for (const { title, passed, faults } of report.checks)
      assert.ok(passed, `${title}: ${faults.join("; ")}`);
    assert.equal(report.checks.length, allChecks.length);
    assert.equal(await ask(shop, state), before);
  });

  test("a stack of a single instance passes, too", async () => {
    await using shop = await cluster.copy();
    const report = await runChecks(shop.stack);
    assert.deepEqual(
      report.checks.filter(({ passed }) => !passed),
      [],
    );
  });

  test("the report's queries show at most five rows, and no password", async () => {
    await using shop = await cluster.copy();
    const { tables } = await run(reportQueries, shop);
    assert.deepEqual(
      tables.map(({ title, rows }) => [title, rows.length]),
      [
        ["SELECT * FROM Shipping", 5],
        ["SELECT * FROM Users", 5],
        ["SELECT * FROM Products", 5],
      ],
    );
    assert.ok(!JSON.stringify(tables).includes("scrypt"));
  });
});

/** What breaks the database of a stack, which check must see it, and what the check must name. */
const breakages: { what: string; sql: string; check: Check; fault: RegExp }[] = [
  {
    what: "a dropped column",
    sql: "ALTER TABLE shop.reviews DROP COLUMN review_text",
    check: tablesAndColumns,
    fault: /^reviews\.review_text does not exist$/,
  },
  {
    what: "a column of another type",
    sql: "ALTER TABLE shop.inventory ALTER COLUMN stock_quantity TYPE bigint",
    check: tablesAndColumns,
    fault: /^inventory\.stock_quantity is bigint, not integer$/,
  },
  {
    what: "a lost default",
    sql: "ALTER TABLE shop.orders ALTER COLUMN order_date DROP DEFAULT",
    check: tablesAndColumns,
    fault: /^orders\.order_date has the default none, not CURRENT_DATE$/,
  },
  {
    what: "a lost NOT NULL",
    sql: "ALTER TABLE shop.users ALTER COLUMN email DROP NOT NULL",
    check: tablesAndColumns,
    fault: /^users\.email is nullable, not NOT NULL$/,
  },
  {
    what: "a dropped index on a referencing column",
    sql: "DROP INDEX shop.shipping_order_id_idx",
    check: tablesAndColumns,
    fault: /^shipping has no valid index for the foreign key \(order_id\) to orders$/,
  },
  {
    what: "a dropped index of a query",
    sql: "DROP INDEX shop.shipping_open_idx",
    check: tablesAndColumns,
    fault: /^shipping has no valid index on \(estimated_arrival_date, shipping_id\), which a query needs$/,
  },
  {
    what: "a dropped check constraint",
    sql: "ALTER TABLE shop.reviews DROP CONSTRAINT reviews_rating_check",
    check: tablesAndColumns,
    fault: /^reviews lacks the check reviews_rating_check$/,
  },
  {
    what: "an emptied table",
    sql: "TRUNCATE shop.inventory",
    check: rowCounts,
    fault: /^inventory is empty$/,
  },
  {
    what: "a renamed category",
    sql: "UPDATE shop.categories SET category_name = 'Toys' WHERE category_name = 'Books'",
    check: rowCounts,
    fault: /^categories lacks "Books"$/,
  },
  {
    what: "a parent deleted behind the constraint's back",
    sql: "SET session_replication_role TO replica; DELETE FROM shop.orders WHERE order_id = (SELECT min(order_id) FROM shop.shipping)",
    check: foreignKeys,
    fault:
      /^(orderdetails|transactions|shipping) \(order_id\) → orders: \d+ rows without a parent, the first with \w+ \d+$/,
  },
  {
    what: "a user deleted from one partition behind the constraint's back",
    sql: "SET session_replication_role TO replica; DELETE FROM shop.users WHERE user_id = (SELECT min(user_id) FROM shop.orders)",
    check: foreignKeys,
    fault: /^orders \(user_id, user_registration_date\) → users: \d+ rows without a parent/,
  },
  {
    what: "a foreign key that was never validated",
    sql: `ALTER TABLE shop.shipping DROP CONSTRAINT shipping_order_id_fkey;
          ALTER TABLE shop.shipping ADD CONSTRAINT shipping_order_id_fkey FOREIGN KEY (order_id) REFERENCES shop.orders NOT VALID`,
    check: foreignKeys,
    fault: /shipping_order_id_fkey is NOT VALID$/,
  },
  {
    what: "a foreign key with its triggers off",
    sql: "ALTER TABLE shop.shipping DISABLE TRIGGER ALL",
    check: foreignKeys,
    fault: /shipping_order_id_fkey has disabled triggers$/,
  },
  {
    what: "a table whose name is not the report's",
    sql: 'ALTER TABLE shop.products RENAME TO "Products"',
    check: reportQueries,
    fault: /^ro as reporting: relation "products" does not exist$/,
  },
  {
    what: "nothing to show",
    sql: "TRUNCATE shop.shipping",
    check: reportQueries,
    fault: /^SELECT \* FROM Shipping: no rows$/,
  },
  {
    what: "pruning switched off for a database",
    sql: "ALTER DATABASE current SET enable_partition_pruning TO off",
    check: partitionPruning,
    fault: /^the range of users_2020 scans shop\.users_2020, shop\.users_2021, /,
  },
  {
    what: "partitions merged into one",
    sql: `CREATE TABLE shop.merged (LIKE shop.users INCLUDING ALL);
          ALTER TABLE shop.orders DROP CONSTRAINT orders_user_id_user_registration_date_fkey;
          ALTER TABLE shop.reviews DROP CONSTRAINT reviews_user_id_user_registration_date_fkey;
          DROP TABLE ${Array.from({ length: 10 }, (_, year) => `shop.users_202${year}`).join(", ")};
          ALTER TABLE shop.users ATTACH PARTITION shop.merged FOR VALUES FROM ('2020-01-01') TO ('2030-01-01')`,
    check: partitionPruning,
    fault: /^users has 1 partitions: there is nothing to leave out$/,
  },
  {
    what: "a write that fails for another reason",
    sql: "DROP TABLE shop.categories CASCADE",
    check: replicasRefuseWrites,
    fault: /^pg-2: an INSERT failed with 42P01 .*, not 25006$/,
  },
  {
    what: "a reader that may insert",
    sql: "GRANT INSERT ON shop.products TO commerce_reader",
    check: readerCannotWrite,
    fault: /^INSERT INTO "shop"."products" .* was not refused$/,
  },
  {
    what: "a reader that may update one column",
    sql: "GRANT UPDATE (address) ON shop.users TO reporting",
    check: readerCannotWrite,
    fault: /^reporting has UPDATE on users$/,
  },
  {
    what: "a reader that may delete from one partition",
    sql: "GRANT DELETE ON shop.users_2024 TO reporting",
    check: readerCannotWrite,
    fault: /^reporting has DELETE on users_2024$/,
  },
];

describe("each check fails when what it says is broken", () => {
  for (const { what, sql, check, fault } of breakages) {
    test(`${check.name}: ${what}`, async () => {
      await using shop = await cluster.copy();
      const healthy = await run(check, shop);
      assert.ok(healthy.passed, `before it is broken: ${healthy.faults.join("; ")}`);
      await shop.sql(sql.replace("DATABASE current", `DATABASE "${shop.superuser.database}"`));
      await cluster.replica.caughtUp();
      const broken = await run(check, shop);
      assert.ok(!broken.passed);
      assert.match(broken.faults[0] ?? "", fault);
    });
  }

  test("endpoints: rw that leads to a replica, ro that leads to the primary", async () => {
    await using shop = await cluster.copy();
    const stack = cluster.outputsOf(shop);
    const { faults } = await runOne(endpoints, { ...stack, rw: stack.ro, ro: stack.rw });
    assert.deepEqual(faults, ["rw leads to a replica", "ro leads to the primary, though there are replicas"]);
  });

  test("reader-cannot-write: an rw that refuses for another reason", async () => {
    await using shop = await cluster.copy();
    const stack = cluster.outputsOf(shop);
    const { faults } = await runOne(readerCannotWrite, { ...stack, rw: stack.ro });
    assert.match(faults[0] ?? "", /failed with 25006/);
  });
});

describe("running checks", () => {
  test("a check that hangs is given up in its time, and its session ends", { timeout: 20_000 }, async () => {
    const hanging: Check = {
      name: "hanging",
      title: "Hangs",
      endpoint: "rw",
      withinMs: 500,
      run: (context) =>
        context.transaction("rw", "app", "read", async (client) => {
          await client.query("SET LOCAL statement_timeout TO 0");
          await client.query("SELECT pg_sleep(60)");
          return { faults: [], detail: "" };
        }),
    };
    const began = Date.now();
    const { faults } = await runOne(hanging, cluster.original.stack);
    assert.deepEqual(faults, ["did not end within 1 s"]);
    assert.ok(Date.now() - began < 5000);
  });

  test("a server that is not there makes every check fail, and none throw", async () => {
    const nowhere = { host: "127.0.0.1", port: 1, database: "e-commerce" };
    const stack = {
      ...cluster.original.stack,
      rw: nowhere,
      ro: nowhere,
      admin: nowhere,
      instances: [{ name: "pg-1", ...nowhere }],
    };
    const report = await runChecks(stack);
    assert.ok(!report.passed);
    for (const { passed, detail } of report.checks) {
      assert.ok(!passed);
      assert.match(detail, /ECONNREFUSED/);
    }
  });
});

async function run(check: Check, shop: CommerceDatabase): Promise<CheckResult> {
  return runOne(check, cluster.outputsOf(shop));
}

async function runOne(check: Check, stack: StackOutputs): Promise<CheckResult> {
  const { checks } = await runChecks(stack, { checks: [check] });
  return checks[0] ?? assert.fail("the check did not run");
}

async function ask(shop: CommerceDatabase, sql: string): Promise<unknown> {
  return withClient(shop.superuser, "ecosphere-test", async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows[0] ?? {})[0];
  });
}
