import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { withClient } from "../../lib/connection.ts";
import { eventually } from "../../lib/poll.ts";
import type { StackOutputs } from "../../lib/stack-outputs.ts";
import { silentProgress } from "../../scripts/seed/progress.ts";
import { dryRun, seed } from "../../scripts/seed/seed.ts";
import {
  createCommerceDatabase,
  createCommerceRoles,
  type CommerceDatabase,
} from "../helpers/commerce-database.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";
import { killedSeed, seedersGone, value } from "../helpers/seeding.ts";
import { within } from "../helpers/timeouts.ts";

const asOf = "2026-11-22";
/** Few rows more than those for which indexes are set aside. */
const scale = 21;
/** The rows after which a seed of this size is killed. */
const half = 200_000;

let server: PostgresServer;
let credentials: StackOutputs["credentials"];
let databases = 0;

before(async () => {
  server = await startPostgres();
  credentials = await createCommerceRoles(server.superuser);
});

after(() => server[Symbol.asyncDispose]());

describe("the indexes of tables that a large seed fills", () => {
  test("are away while the rows come in, and as they were once it has ended", async () => {
    await using shop = await emptyShop();
    const indexes = await indexesOf(shop);
    const told: string[] = [];
    const progress = { ...silentProgress, finishing: (what: string) => void told.push(what) };
    const seeding = seed(shop.stack, { scale, asOf }, { progress });
    await secondaryAreAway(shop);
    const result = await seeding;
    assert.match(told.join("\n"), /^index 1 of 13 is being made: \w+\n[^]*\nindex 13 of 13 [^]*foreign key/);
    assert.ok(result.kind === "seeded");
    assert.deepEqual(await indexesOf(shop), indexes);
    const dry = await dryRun({ scale, asOf }, silentProgress);
    assert.ok(dry.kind === "generated");
    assert.deepEqual(
      result.tables.map(({ hash }) => hash),
      dry.tables.map(({ hash }) => hash),
    );
    await seedersGone(shop, within.postgresStart);
  });

  test("stay for a small seed, and one that tells more than its definition stays for a large one", async () => {
    await using shop = await emptyShop();
    await shop.sql("COMMENT ON INDEX shop.orders_order_date_idx IS 'for the month''s report'");
    const before = [await oidOf(shop, "orders_order_date_idx"), await oidOf(shop, "shipping_open_idx")];
    await seed(shop.stack, { rows: 50, asOf }, { progress: silentProgress });
    assert.deepEqual(
      [await oidOf(shop, "orders_order_date_idx"), await oidOf(shop, "shipping_open_idx")],
      before,
    );
    await seed(shop.stack, { scale, asOf, reset: true }, { progress: silentProgress });
    assert.equal(await oidOf(shop, "orders_order_date_idx"), before[0]);
    assert.notEqual(await oidOf(shop, "shipping_open_idx"), before[1]);
  });

  test("stay when another transaction reads a table and does not end", async () => {
    await using shop = await emptyShop();
    const before = await oidOf(shop, "shipping_open_idx");
    await withClient(shop.superuser, "ecosphere-test", async (client) => {
      await client.query("BEGIN; SELECT count(*) FROM shop.shipping");
      const result = await seed(shop.stack, { scale, asOf }, { progress: silentProgress });
      assert.equal(result.kind, "seeded");
    });
    assert.equal(await oidOf(shop, "shipping_open_idx"), before);
  });

  test("cannot be made while another transaction writes: the seed says so, and the next one makes them", async () => {
    await using shop = await emptyShop();
    const indexes = await indexesOf(shop);
    const seeding = seed(shop.stack, { scale, asOf }, { progress: silentProgress });
    const refused = assert.rejects(seeding, {
      code: "seed-locked",
      message: /the index orders_\w+ cannot be made: another transaction/,
    });
    await secondaryAreAway(shop);
    await withClient(shop.superuser, "ecosphere-test", async (client) => {
      await client.query("BEGIN; LOCK TABLE shop.orders IN ROW EXCLUSIVE MODE");
      await refused;
    });
    await goesOn(shop);
    assert.deepEqual(await indexesOf(shop), indexes);
    // Neither of the two goes on in this process.
    await seedersGone(shop);
  });

  test("are made by the server itself when the seed is killed", async () => {
    await using shop = await emptyShop();
    const indexes = await indexesOf(shop);
    await killedSeed(shop, { scale, asOf }, half);
    await secondaryAreAway(shop);
    await seedersGone(shop, within.postgresStart);
    assert.deepEqual(await indexesOf(shop), indexes);
    assert.equal(await value(shop, "SELECT count(finished_at)::int FROM seed.runs"), 0);
    await goesOn(shop);
    assert.deepEqual(await indexesOf(shop), indexes);
  });

  test("are made by a seed that goes on at once", async () => {
    await using shop = await emptyShop();
    const indexes = await indexesOf(shop);
    await killedSeed(shop, { scale, asOf }, half);
    await goesOn(shop);
    assert.deepEqual(await indexesOf(shop), indexes);
    await seedersGone(shop, within.postgresStart);
  });

  test("are made by the next seed when the server does not watch any more", async () => {
    await using shop = await emptyShop();
    const indexes = await indexesOf(shop);
    await killedSeed(shop, { scale, asOf }, half);
    await value(
      shop,
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'DO %' AND datname = current_database()",
    );
    await seedersGone(shop, within.postgresStart);
    await secondaryAreAway(shop);
    await goesOn(shop);
    assert.deepEqual(await indexesOf(shop), indexes);
  });
});

function emptyShop(): Promise<CommerceDatabase> {
  return createCommerceDatabase(server.superuser, credentials, `shop-${++databases}`);
}

async function goesOn(shop: CommerceDatabase): Promise<void> {
  const result = await seed(shop.stack, { asOf }, { progress: silentProgress });
  assert.ok(result.kind === "seeded" && result.isResumed);
  assert.equal(await value(shop, "SELECT count(*)::int FROM orderdetails"), scale * 8000);
}

/** Every index with its definition, the valid ones. */
async function indexesOf(shop: CommerceDatabase): Promise<unknown> {
  return value(
    shop,
    `SELECT array_agg(pg_get_indexdef(indexrelid) ORDER BY indexrelid::regclass::text)
     FROM pg_index WHERE indrelid::regclass::text !~ '^pg_|^seed' AND indisvalid AND indisready`,
  );
}

async function oidOf(shop: CommerceDatabase, index: string): Promise<unknown> {
  return value(shop, `SELECT '${index}'::regclass::oid`);
}

async function secondaryAreAway(shop: CommerceDatabase): Promise<void> {
  const count = "SELECT count(*)::int FROM pg_index WHERE indrelid = 'orders'::regclass AND NOT indisprimary";
  await eventually({ what: "the indexes to be away", withinMs: within.lockSeen, everyMs: 20 }, async () =>
    (await value(shop, count)) === 0 ? true : undefined,
  );
}
