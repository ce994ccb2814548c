import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { commerceTables } from "../../lib/commerce-model.ts";
import {
  commerceInputs,
  commerceParts,
  startPgddl,
  type Made,
  type PgddlDatabase,
} from "../helpers/pgddl-database.ts";
import type { ResourceClient } from "../helpers/provider-client.ts";

describe("the shop's tables, partitions, indexes and foreign keys", () => {
  let database: PgddlDatabase;
  const made: { readonly resource: ResourceClient; readonly state: Made }[] = [];

  before(async () => {
    database = await startPgddl();
    const makeAll = async (type: "table" | "partition" | "index" | "foreignKey", all: readonly object[]) => {
      const resource = database[type];
      const states = await Promise.all(all.map((inputs) => resource.make({ ...inputs })));
      made.push(...states.map((state) => ({ resource, state })));
    };
    const parts = commerceParts();
    // As the engine would: side by side as far as dependencies let it.
    await makeAll("table", commerceTables.map(commerceInputs));
    await Promise.all([
      makeAll("partition", parts.partition),
      makeAll("index", parts.index),
      makeAll("foreignKey", parts.foreignKey),
    ]);
  });
  after(() => database[Symbol.asyncDispose]());

  test("are all there, owned by the owner, with nothing half done", async () => {
    const [row] = await database.sql<Record<string, number>>(`
      SELECT (SELECT count(*)::int FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind IN ('r', 'p')
                AND NOT relispartition) AS tables,
             (SELECT count(*)::int FROM pg_inherits WHERE inhparent = 'shop.users'::regclass) AS partitions,
             (SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND conparentid = 0) AS keys,
             (SELECT count(*)::int FROM pg_constraint WHERE NOT convalidated AND conparentid = 0) AS unvalidated,
             (SELECT count(*)::int FROM pg_index WHERE NOT indisvalid) AS invalid,
             (SELECT count(*)::int FROM pg_class WHERE relnamespace = 'shop'::regnamespace
                AND relowner <> 'shop_owner'::regrole) AS foreign_owned`);
    assert.deepEqual(row, {
      ...{ tables: 9, partitions: 10, keys: 9, unvalidated: 0, invalid: 0, foreign_owned: 0 },
    });
  });

  test("read back as they were made, so that a refresh shows nothing", async () => {
    for (const { resource, state } of made) {
      const found = await resource.read(state.id, state);
      assert.deepEqual(found?.inputs, state.inputs, state.id);
      assert.deepEqual(found.outputs, state.outputs, state.id);
      assert.deepEqual((await resource.diff(state.id, state, state.inputs)).changes, {});
    }
    assert.deepEqual(database.client.messages, []);
  });

  test("are taken over without a difference from the program", async () => {
    for (const { resource, state } of made) {
      const found = await resource.read(state.id);
      assert.ok(found, state.id);
      const { faults } = await resource.check(found.inputs);
      assert.deepEqual(faults, [], state.id);
      assert.deepEqual((await resource.diff(state.id, found, state.inputs)).changes, {}, state.id);
    }
  });

  test("take rows into the right partition, and refuse an order of nobody", async () => {
    const [row] = await database.sql<{ partition: string }>(`
      INSERT INTO shop.users (username, first_name, last_name, email, password, registration_date)
      VALUES ('u', 'U', 'V', 'u@example.org', 'x', '2024-05-05') RETURNING tableoid::regclass::text AS partition`);
    assert.equal(row?.partition, "shop.users_2024");
    await assert.rejects(
      database.sql(
        `INSERT INTO shop.orders (user_id, user_registration_date, order_price) VALUES (1, '2023-05-05', 1)`,
      ),
      /orders_user_id_user_registration_date_fkey/,
    );
    await database.sql("DELETE FROM shop.users");
  });

  test("go again in the opposite order, and leave nothing", async () => {
    for (const { resource, state } of [...made].reverse()) await resource.delete(state.id, state);
    const left = await database.sql("SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace");
    assert.deepEqual(left, []);
    // Gone already is as good as deleted.
    for (const { resource, state } of made.slice(0, 2)) {
      await resource.delete(state.id, state);
      assert.equal(await resource.read(state.id, state), undefined);
    }
  });
});
