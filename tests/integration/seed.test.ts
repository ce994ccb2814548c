import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { commerceTables, schemaName } from "../../lib/commerce-model.ts";
import { withClient } from "../../lib/connection.ts";
import { UserError } from "../../lib/errors.ts";
import { qualify } from "../../lib/identifier.ts";
import { eventually } from "../../lib/poll.ts";
import type { StackOutputs } from "../../lib/stack-outputs.ts";
import type { SeedProgress } from "../../scripts/seed/progress.ts";
import type { SeedOptions } from "../../scripts/seed/seed-options.ts";
import type { SeedResult } from "../../scripts/seed/seed-result.ts";
import { seed } from "../../scripts/seed/seed.ts";
import {
  createCommerceDatabase,
  createCommerceRoles,
  type CommerceDatabase,
} from "../helpers/commerce-database.ts";
import type { CommerceSchemaOptions } from "../helpers/commerce-sql.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";
import { within } from "../helpers/timeouts.ts";

const asOf = "2026-11-22";
const silent: SeedProgress = { start: () => undefined, advance: () => undefined, done: () => undefined };

let server: PostgresServer;
let credentials: StackOutputs["credentials"];
let folder: string;
let databases = 0;

before(async () => {
  server = await startPostgres();
  credentials = await createCommerceRoles(server.superuser);
  folder = mkdtempSync(join(tmpdir(), "ecosphere-seed-"));
});

after(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

describe("seeding an empty database", () => {
  test("writes 405 rows by default, and tells the rows and a hash of each table", async () => {
    await using shop = await emptyShop();
    const result = await seeded(shop, { asOf });
    assert.equal(await totalRows(shop), 405);
    assert.deepEqual(
      result.tables.map(({ table, rows, written }) => [table, rows, written]),
      commerceTables.map(({ name }) => [name, name === "categories" ? 5 : 50, true]),
    );
    for (const { hash } of result.tables) assert.match(hash, /^[0-9a-f]{64}$/);
    assert.ok(!existsSync(journalOf(shop)), "a complete seed leaves no journal");
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
    await seed(
      shop.stack,
      { rows: 30, asOf, journal: journalOf(shop) },
      {
        start: (rows) => (total = rows),
        advance: (_, rows) => (sum += rows),
        done: () => undefined,
      },
    );
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
    assert.ok(!existsSync(journalOf(shop)));
  });

  test("names the tables that are missing", async () => {
    await using shop = await emptyShop();
    await shop.sql("DROP TABLE shop.shipping, shop.inventory");
    await assert.rejects(run(shop), { code: "no-tables", message: /lacks inventory, shipping/ });
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
    assert.deepEqual(result, { kind: "left-alone", filled: ["categories"], foreign: ["categories"] });
    assert.equal(await totalRows(shop), 1);
  });

  test("completes tables that hold exactly its rows beside empty ones, without a journal", async () => {
    await using whole = await emptyShop();
    await using shop = await emptyShop();
    await seeded(whole, { rows: 10, asOf });
    await seeded(shop, { rows: 10, asOf });
    await shop.sql("TRUNCATE shop.shipping, shop.reviews");
    const result = await seeded(shop, { rows: 10, asOf });
    assert.ok(result.resumed);
    assert.deepEqual(
      result.tables.filter(({ written }) => written).map(({ table }) => table),
      ["reviews", "shipping"],
    );
    assert.deepEqual(await contents(shop), await contents(whole));
  });

  test("does not take a changed row for its own", async () => {
    await using shop = await emptyShop();
    await seeded(shop, { rows: 10, asOf });
    await shop.sql("TRUNCATE shop.shipping; UPDATE shop.users SET phone_number = '0' WHERE user_id = 4");
    const result = await run(shop, { rows: 10, asOf });
    assert.ok(result.kind === "left-alone");
    assert.deepEqual(result.foreign, ["users"]);
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

describe("a seed that is killed", () => {
  const rows = 2000;

  test(
    "leaves whole tables only, and the next run completes it to the byte",
    { timeout: 240_000 },
    async () => {
      await using whole = await emptyShop();
      let chunks = 0;
      const counting: SeedProgress = { ...silent, advance: () => (chunks += 1) };
      const reference = await seed(whole.stack, { rows, asOf, journal: journalOf(whole) }, counting);
      assert.ok(reference.kind === "seeded");
      const expected = reference.tables.map(({ hash }) => hash);
      let interrupted = 0;
      for (const fraction of [0, 0.2, 0.5, 0.8]) {
        await using shop = await emptyShop();
        // The first has nothing but its start behind it; the others a random point in their part of the way.
        await killedSeed(shop, { rows, asOf }, Math.floor((fraction + Math.random() * 0.15) * chunks));
        await seedersGone(shop);
        for (const { name } of commerceTables) {
          const count = await value(shop, `SELECT count(*)::int FROM ${qualify(schemaName, name)}`);
          assert.ok(
            [0, name === "categories" ? 5 : rows].includes(Number(count)),
            `${name}: ${String(count)}`,
          );
        }
        if ((await totalRows(shop)) < 8 * rows + 5) interrupted++;
        // Without any option: the journal knows them.
        const result = await seeded(shop);
        assert.deepEqual(
          result.tables.map(({ hash }) => hash),
          expected,
        );
        assert.equal(await totalRows(shop), 8 * rows + 5);
        assert.equal((await run(shop)).kind, "left-alone");
      }
      assert.ok(interrupted >= 3, "the kills must hit seeds that are not through");
    },
  );

  test("an append that was killed is completed once, not appended twice", async () => {
    await using shop = await emptyShop();
    await seeded(shop, { rows: 3, asOf });
    await killedSeed(shop, { rows, asOf, append: true }, 10);
    await seedersGone(shop);
    const result = await seeded(shop, { append: true, rows });
    assert.ok(result.resumed);
    assert.equal(await totalRows(shop), 8 * (rows + 3) + 5);
  });

  test("rows that somebody changed since are named, and nothing is written", async () => {
    await using shop = await emptyShop();
    await killedSeed(shop, { rows, asOf }, 15);
    await seedersGone(shop);
    await shop.sql("UPDATE shop.users SET address = 'moved' WHERE user_id = 1");
    const before = await totalRows(shop);
    await assert.rejects(run(shop), {
      code: "seed-foreign-rows",
      message: /changed in users/,
      hint: /--append.*--reset/,
    });
    assert.equal(await totalRows(shop), before);
    await seeded(shop, { rows: 2, asOf, reset: true });
    assert.equal(await totalRows(shop), 21);
  });
});

function emptyShop(options?: CommerceSchemaOptions): Promise<CommerceDatabase> {
  return createCommerceDatabase(server.superuser, credentials, `shop-${++databases}`, options);
}

function journalOf(shop: CommerceDatabase): string {
  return join(folder, `${shop.superuser.database}.json`);
}

function run(shop: CommerceDatabase, options: Omit<SeedOptions, "journal"> = {}): Promise<SeedResult> {
  return seed(shop.stack, { ...options, journal: journalOf(shop) }, silent);
}

async function seeded(
  shop: CommerceDatabase,
  options: Omit<SeedOptions, "journal"> = {},
): Promise<Extract<SeedResult, { kind: "seeded" }>> {
  const result = await run(shop, options);
  assert.ok(result.kind === "seeded", result.kind);
  return result;
}

/** Starts a seed in another process and kills it without warning after `chunks` chunks (or when it ends). */
async function killedSeed(
  shop: CommerceDatabase,
  options: { rows: number; asOf: string; append?: boolean },
  chunks: number,
): Promise<void> {
  const script = fileURLToPath(new URL("../helpers/seed-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const input = { stack: shop.stack, journal: journalOf(shop), append: false, ...options };
  child.stdin.end(JSON.stringify(input));
  let seen = 0;
  child.stdout.on("data", (data: Buffer) => {
    seen += data.toString().split("\n").length - 1;
    if (seen > chunks) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
}

/** The server aborts what a killed client had begun as soon as it notices. */
async function seedersGone(shop: CommerceDatabase): Promise<void> {
  await eventually({ what: "the killed seed's session to end", withinMs: within.lockSeen }, async () => {
    const sessions =
      "SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'ecosphere-seed' AND datname = current_database()";
    return (await value(shop, sessions)) === 0 ? true : undefined;
  });
}

async function value(shop: CommerceDatabase, text: string): Promise<unknown> {
  return withClient(shop.superuser, "ecosphere-test", async (client) => {
    await client.query("SET search_path TO shop");
    const { rows } = await client.query<Record<string, unknown>>(text);
    return Object.values(rows[0] ?? {})[0];
  });
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
