import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { commerceTables, schemaName } from "../../lib/commerce-model.ts";
import { withClient } from "../../lib/connection.ts";
import { UserError } from "../../lib/errors.ts";
import { qualify } from "../../lib/identifier.ts";
import type { StackOutputs } from "../../lib/stack-outputs.ts";
import { silentProgress } from "../../scripts/seed/progress.ts";
import type { SeedOptions } from "../../scripts/seed/seed-options.ts";
import type { SeedResult } from "../../scripts/seed/seed-result.ts";
import { dryRun, seed } from "../../scripts/seed/seed.ts";
import {
  createCommerceDatabase,
  createCommerceRoles,
  type CommerceDatabase,
} from "../helpers/commerce-database.ts";
import type { CommerceSchemaOptions } from "../helpers/commerce-sql.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";
import { killedSeed, seedersGone, value } from "../helpers/seeding.ts";

const asOf = "2026-11-22";

let server: PostgresServer;
let credentials: StackOutputs["credentials"];
let databases = 0;

before(async () => {
  // As in a cluster: VACUUM marks no page whose commits are not on disk yet.
  server = await startPostgres(["synchronous_commit=on"]);
  credentials = await createCommerceRoles(server.superuser);
});

after(() => server[Symbol.asyncDispose]());

describe("seeding an empty database", () => {
  test("writes 405 rows by default, and tells the rows and a hash of each table", async () => {
    await using shop = await emptyShop();
    const result = await seeded(shop, { asOf });
    assert.equal(await totalRows(shop), 405);
    assert.deepEqual(
      result.tables.map(({ table, rows, newRows }) => [table, rows, newRows]),
      commerceTables.map(({ name }) => [name, ...(name === "categories" ? [5, 5] : [50, 50])]),
    );
    for (const { hash } of result.tables) assert.match(hash, /^[0-9a-f]{64}$/);
    assert.equal(await value(shop, "SELECT count(finished_at)::int FROM seed.runs"), 1);
  });

  test("leaves every sequence behind the last id, for the application's next row", async () => {
    await using shop = await emptyShop();
    await seeded(shop, { rows: 7, asOf });
    const id = await value(
      shop,
      "INSERT INTO products (product_name, product_price) VALUES ('x', 1) RETURNING product_id",
    );
    assert.equal(id, 8);
  });

  test("writes the same rows again into another database", async () => {
    await using one = await emptyShop();
    await using other = await emptyShop();
    await seeded(one, { rows: 20, asOf });
    await seeded(other, { rows: 20, asOf });
    assert.deepEqual(await contents(one), await contents(other));
  });

  test("tells progress row by row up to the total", async () => {
    await using shop = await emptyShop();
    let total = 0;
    let sum = 0;
    const progress = {
      ...silentProgress,
      start: (ranges: readonly { count: number }[]) =>
        (total = ranges.reduce((rows, { count }) => rows + count, 0)),
      advance: (_: string, rows: number) => (sum += rows),
    };
    await seed(shop.stack, { rows: 30, asOf }, { progress });
    assert.deepEqual([total, sum], [245, 245]);
  });

  test("refuses, before it writes anything, when users could fall outside the partitions", async () => {
    await using shop = await emptyShop({ partitionFrom: "2022-01-01", partitionTo: "2026-01-01" });
    await assert.rejects(run(shop, { asOf }), (error: unknown) => {
      assert.ok(error instanceof UserError && error.code === "no-partition");
      assert.match(
        error.message,
        /2020-01-01 00:00:00 to 2022-01-01 00:00:00 and 2026-01-01 00:00:00 to 2026-11-22/,
      );
      assert.match(error.hint ?? "", /partitionFrom and partitionTo/);
      return true;
    });
    assert.equal(await totalRows(shop), 0);
    assert.equal(await value(shop, "SELECT count(*)::int FROM seed.runs"), 0);
  });

  test("names the tables that are missing", async () => {
    await using shop = await emptyShop();
    await shop.sql("DROP TABLE shop.shipping, shop.inventory");
    await assert.rejects(run(shop), { code: "no-tables", message: /lacks shop.inventory, shop.shipping/ });
  });
});

describe("seeding a database with rows", () => {
  test("leaves it alone, and says so", async () => {
    await using shop = await emptyShop();
    await seeded(shop, { rows: 3, asOf });
    const before = await contents(shop);
    const result = await run(shop, { rows: 9 });
    assert.equal(result.kind, "left-alone");
    assert.deepEqual(await contents(shop), before);
  });

  test("leaves a database alone that holds somebody's rows in one table, and names the table", async () => {
    await using shop = await emptyShop();
    await shop.sql("INSERT INTO shop.categories (category_name) VALUES ('Toys')");
    const result = await run(shop, { asOf });
    assert.deepEqual(result, { kind: "left-alone", filled: ["categories"] });
    assert.equal(await totalRows(shop), 1);
  });

  test("--append adds rows behind the highest ids, twice over, and touches no other", async () => {
    await using shop = await emptyShop();
    await seeded(shop, { rows: 5, asOf });
    const before = await value(shop, "SELECT md5(string_agg(t::text, '' ORDER BY user_id)) FROM users t");
    await seeded(shop, { rows: 4, asOf, append: true });
    await seeded(shop, { rows: 2, asOf, append: true });
    assert.equal(await totalRows(shop), 8 * 11 + 5);
    assert.equal(
      await value(shop, "SELECT string_agg(order_id::text, ',' ORDER BY order_id) FROM orders"),
      "1,2,3,4,5,6,7,8,9,10,11",
    );
    const after = "SELECT md5(string_agg(t::text, '' ORDER BY user_id)) FROM users t WHERE user_id <= 5";
    assert.equal(await value(shop, after), before);
  });

  test("--append leaves ids alone that the application took and gave up", async () => {
    await using shop = await emptyShop();
    await seeded(shop, { rows: 5, asOf });
    await value(shop, "SELECT nextval('orders_order_id_seq'), nextval('orders_order_id_seq')");
    await seeded(shop, { rows: 1, asOf, append: true });
    assert.equal(await value(shop, "SELECT max(order_id) FROM orders"), 8);
  });

  test("--reset empties all nine tables and seeds again, ids from 1", async () => {
    await using whole = await emptyShop();
    await using shop = await emptyShop();
    await seeded(whole, { rows: 4, asOf });
    await seeded(shop, { rows: 30, asOf });
    await seeded(shop, { rows: 4, asOf, reset: true });
    assert.deepEqual(await contents(shop), await contents(whole));
    assert.equal(await value(shop, "SELECT nextval('users_user_id_seq')::int"), 5);
  });
});

describe("two seeds at once", () => {
  test("the second says who is at it, and writes nothing", async () => {
    await using shop = await emptyShop();
    await withClient({ ...shop.superuser, ...credentials.seeder }, "ecosphere-seed", async (client) => {
      await client.query("SELECT pg_advisory_lock($1, $2)", [0x45434f, 0x53454544]);
      await assert.rejects(run(shop), { code: "seed-running", message: /seeder, process \d+, since 20/ });
    });
    assert.equal(await totalRows(shop), 0);
    await seeded(shop);
  });
});

describe("a seed of a shop", () => {
  const scale = 6;

  test("ends with every constraint valid, statistics, and the hashes that a dry run tells", async () => {
    await using shop = await emptyShop();
    const result = await seeded(shop, { scale, asOf });
    const dry = await dryRun({ scale, asOf }, silentProgress);
    assert.ok(dry.kind === "generated");
    assert.deepEqual(
      result.tables.map(({ hash }) => hash),
      dry.tables.map(({ hash }) => hash),
    );
    assert.equal(await totalRows(shop), scale * 19_850 + 5);
    const unproven = "SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND NOT convalidated";
    assert.equal(await value(shop, unproven), 0);
    assert.equal(
      await value(shop, "SELECT reltuples::int FROM pg_class WHERE oid = 'orders'::regclass"),
      19_200,
    );
    // A page that only VACUUM marks: the seeder may vacuum tables that it does not own.
    const visible = "SELECT relallvisible > 0 FROM pg_class WHERE oid = 'orders'::regclass";
    assert.equal(await value(shop, visible), true);
  });

  test("a row without its parent is found, though no trigger looked", async () => {
    await using shop = await emptyShop();
    await seeded(shop, { scale, asOf });
    // As if a seed had been cut off before its last table, and somebody had removed users meanwhile.
    await shop.sql(`
      SET session_replication_role TO replica;
      TRUNCATE shop.shipping; DELETE FROM shop.users WHERE user_id < 100;
      DELETE FROM seed.ranges WHERE table_name = 'shipping'; UPDATE seed.runs SET finished_at = NULL`);
    await assert.rejects(run(shop), {
      code: "seed-orphans",
      message: /orders \(user_id, user_registration_date\) → users: \d+ rows without a parent/,
    });
    assert.equal(await value(shop, "SELECT count(finished_at)::int FROM seed.runs"), 0);
  });
});

describe("a seed that is killed", () => {
  for (const size of [{ rows: 2000 }, { scale: 8 }]) {
    const text = JSON.stringify(size);
    test(`${text}: leaves whole ranges only, and the next run completes it to the byte`, async () => {
      await using whole = await emptyShop();
      const reference = await seeded(whole, { ...size, asOf });
      const all = await totalRows(whole);
      const expected = await contents(whole);
      let interrupted = 0;
      for (const fraction of [0.05, 0.3, 0.6, 0.85]) {
        await using shop = await emptyShop();
        await killedSeed(shop, { ...size, asOf }, Math.floor((fraction + Math.random() * 0.1) * all));
        await seedersGone(shop);
        const noted = "SELECT coalesce(sum(row_count), 0)::int FROM seed.ranges";
        assert.equal(await totalRows(shop), Number(await value(shop, noted)));
        if ((await value(shop, "SELECT count(finished_at)::int FROM seed.runs")) === 0) interrupted++;
        // Without any option: the record knows them.
        const result = await run(shop);
        if (result.kind === "seeded") {
          assert.ok(result.isResumed);
          assert.deepEqual(
            result.tables.map(({ hash }) => hash),
            reference.tables.map(({ hash }) => hash),
          );
        }
        assert.deepEqual(await contents(shop), expected);
        assert.equal((await run(shop)).kind, "left-alone");
      }
      assert.ok(interrupted >= 3, "the kills must hit seeds that are not through");
    });
  }

  test("an append that was killed is completed once, not appended twice", async () => {
    await using shop = await emptyShop();
    const rows = 2000;
    await seeded(shop, { rows: 3, asOf });
    await killedSeed(shop, { rows, asOf, append: true }, 6000);
    await seedersGone(shop);
    const result = await seeded(shop, { append: true, rows });
    assert.ok(result.isResumed);
    assert.equal(await totalRows(shop), 8 * (rows + 3) + 5);
  });
});

function emptyShop(options?: CommerceSchemaOptions): Promise<CommerceDatabase> {
  return createCommerceDatabase(server.superuser, credentials, `shop-${++databases}`, options);
}

function run(shop: CommerceDatabase, options: SeedOptions = {}): Promise<SeedResult> {
  return seed(shop.stack, options, { progress: silentProgress });
}

async function seeded(
  shop: CommerceDatabase,
  options: SeedOptions = {},
): Promise<Extract<SeedResult, { kind: "seeded" }>> {
  const result = await run(shop, options);
  assert.ok(result.kind === "seeded", result.kind);
  return result;
}

async function totalRows(shop: CommerceDatabase): Promise<number> {
  const counts = commerceTables.map(({ name }) => `(SELECT count(*) FROM ${qualify(schemaName, name)})`);
  return Number(await value(shop, `SELECT ${counts.join(" + ")}`));
}

async function contents(shop: CommerceDatabase): Promise<unknown[]> {
  const hashes = commerceTables.map(({ name, primaryKey }) =>
    value(
      shop,
      `SELECT md5(string_agg(t::text, '' ORDER BY ${primaryKey.join(", ")})) FROM ${qualify(schemaName, name)} t`,
    ),
  );
  return Promise.all(hashes);
}
