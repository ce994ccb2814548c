import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createProvider } from "../../provider/pgddl/provider.ts";
import { startPgddl, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { connectProvider } from "../helpers/provider-client.ts";

describe("partitions of tables with rows", () => {
  let database: PgddlDatabase;
  before(async () => {
    database = await startPgddl();
    await database.sql(`
      SET ROLE shop_owner;
      CREATE TABLE shop.item (id int PRIMARY KEY, shelf int);
      CREATE TABLE shop.line (item_id int);
      CREATE TABLE shop.event (at date NOT NULL, kind int) PARTITION BY RANGE (at);
      CREATE TABLE shop.event_1 PARTITION OF shop.event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE TABLE shop.event_2 PARTITION OF shop.event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
        PARTITION BY LIST (kind);
      CREATE TABLE shop.event_2a PARTITION OF shop.event_2 FOR VALUES IN (1);
      INSERT INTO shop.item SELECT g, g % 10 FROM generate_series(1, 100) AS g;
      INSERT INTO shop.event SELECT '2024-06-01', 1 FROM generate_series(1, 100);
      INSERT INTO shop.event SELECT '2025-06-01', 1 FROM generate_series(1, 100)`);
  });
  after(() => database[Symbol.asyncDispose]());

  test("partitions of every kind come and go, a partitioned one too", async () => {
    const { table, partition } = database;
    const split = { strategy: "list", columns: ["k"] };
    await table.make({
      ...{ schema: "shop", name: "many", columns: [{ name: "k", type: "text" }], partitionBy: split },
    });
    const bounds = [{ in: ["it's", "b", "NULL"] }, { in: ["é", "a, b"] }, { isDefault: true }];
    for (const [at, bound] of bounds.entries()) {
      const inputs = { schema: "shop", name: `many_${at}`, parent: "many", bound };
      const made = await partition.make({ ...inputs, partitionBy: { strategy: "hash", columns: ["k"] } });
      const found = await partition.read(made.id);
      assert.deepEqual(found?.inputs["bound"], bound);
      assert.deepEqual((await partition.diff(made.id, found, made.inputs)).changes, {});
      const leaf = await partition.make({
        ...{ schema: "shop", name: `leaf_${at}`, parent: `many_${at}`, bound: { modulus: 1, remainder: 0 } },
      });
      await assert.rejects(partition.delete(made.id, made), /still has partitions/);
      await partition.delete(leaf.id, leaf);
      if (at > 0) await partition.delete(made.id, made);
    }
    const overlap = partition.make({ schema: "shop", name: "many_3", parent: "many", bound: { in: ["b"] } });
    await assert.rejects(overlap, /overlaps shop\.many_0/);
  });
});

describe("a server that cannot be used", () => {
  test("read answers what is known when it is down, and goes on when it is back", async () => {
    await using database = await startPgddl();
    const { table } = database;
    const made = await table.make({ schema: "shop", name: "t", columns: [{ name: "a", type: "int" }] });
    await database.server.pause();
    const all = await Promise.all(
      [made, made, made, made, made, made, made, made].map((state) => table.read(made.id, state)),
    );
    for (const found of all) assert.deepEqual([found?.inputs, found?.outputs], [made.inputs, made.outputs]);
    assert.match(
      database.client.messages.at(-1) ?? "",
      /^warning: cannot work with postgresql.*what the state holds is taken as it is/,
    );
    await assert.rejects(table.read(made.id), /cannot work with/);
    assert.deepEqual((await table.diff(made.id, made, made.inputs)).changes, {});
    await database.server.resume();
    await table.delete(made.id, made);
  });

  test("read answers what is known when the password has changed meanwhile; a change says what is wrong", async () => {
    await using database = await startPgddl();
    const { host, port } = database.server.superuser;
    const inputs = { schema: "shop", name: "t", columns: [{ name: "a", type: "int" }] };
    const made = await database.table.make(inputs);
    const config = { host, port, database: "postgres", username: "ddl_admin", password: "of before" };
    const provider = createProvider();
    await using client = await connectProvider(provider, config);
    const table = client.resource("pgddl:index:Table");
    const found = await table.read(made.id, made);
    assert.deepEqual([found?.inputs, found?.outputs], [made.inputs, made.outputs]);
    assert.match(
      client.messages.at(-1) ?? "",
      /authentication failed.*what the state holds is taken as it is/,
    );
    await assert.rejects(table.read(made.id), /authentication failed/);
    await assert.rejects(table.make({ ...inputs, name: "other" }), /authentication failed/);
    await provider.close();
  });

  test("what was in a database that is gone is gone", async () => {
    await using database = await startPgddl();
    const { host, port } = database.server.superuser;
    const config = { host, port, database: "gone", username: "ddl_admin", password: database.password };
    const provider = createProvider();
    await using client = await connectProvider(provider, config);
    const table = client.resource("pgddl:index:Table");
    const known = {
      inputs: { schema: "shop", name: "t", columns: [{ name: "a", type: "int" }] },
      outputs: { catalog: {} },
    };
    assert.equal(await table.read("shop.t", known), undefined);
    await table.delete("shop.t", known);
    await provider.close();
  });

  test("a replica is refused, and the endpoint to use is named", async () => {
    await using database = await startPgddl();
    // A server that says of itself that it is in recovery: all that the provider looks at.
    await database.sql(`
      SET allow_system_table_mods = on;
      CREATE OR REPLACE FUNCTION pg_catalog.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true'`);
    const { host, port } = database.server.superuser;
    const config = { host, port, database: "postgres", username: "ddl_admin", password: database.password };
    const provider = createProvider();
    await using client = await connectProvider(provider, config);
    const table = client.resource("pgddl:index:Table");
    const inputs = { schema: "shop", name: "t", columns: [{ name: "a", type: "int" }] };
    const known = { inputs, outputs: { catalog: {} } };
    await assert.rejects(table.read("shop.t", known), /is a replica[^]*`admin`/);
    await assert.rejects(table.create(inputs), /is a replica[^]*`admin`/);
    await provider.close();
  });
});
