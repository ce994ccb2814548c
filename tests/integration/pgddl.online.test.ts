import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createProvider } from "../../provider/pgddl/provider.ts";
import { startPgddl, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { connectProvider } from "../helpers/provider-client.ts";

describe("indexes and foreign keys on tables with rows", () => {
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

  const isValid = async (name: string): Promise<unknown> =>
    (
      await database.sql(`SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('shop.${name}')`)
    )[0]?.["indisvalid"];

  test("an index is built without stopping writes, and is clean afterwards", async () => {
    const inputs = { schema: "shop", table: "item", name: "item_shelf_idx", columns: ["shelf"] };
    const preview = await database.index.create(inputs, true);
    assert.match(JSON.stringify(preview.outputs["plannedSql"]), /CREATE INDEX CONCURRENTLY/);
    const made = await database.index.make(inputs);
    assert.equal(await isValid("item_shelf_idx"), true);
    assert.deepEqual((await database.index.read(made.id, made))?.outputs, made.outputs);
    await database.index.delete(made.id, made);
    assert.equal(await isValid("item_shelf_idx"), undefined);
  });

  test("what a cut-off build left behind is dropped and built again", async () => {
    const inputs = { schema: "shop", table: "item", name: "item_unique", columns: ["shelf"], unique: true };
    await assert.rejects(database.index.make(inputs), /23505[^]*SQL: CREATE UNIQUE INDEX CONCURRENTLY/);
    assert.equal(await isValid("item_unique"), false);
    await database.sql("UPDATE shop.item SET shelf = id");
    const made = await database.index.make(inputs);
    assert.equal(await isValid("item_unique"), true);
    await assert.rejects(
      database.index.make(inputs),
      /pulumi import pgddl:index:Index an-index shop\.item_unique/,
    );
    await database.index.delete(made.id, made);
  });

  test("an index of a partitioned table is built leaf by leaf and turns valid", async () => {
    const inputs = { schema: "shop", table: "event", name: "event_kind_idx", columns: ["kind"] };
    const made = await database.index.make(inputs);
    assert.equal(await isValid("event_kind_idx"), true);
    const [row] = await database.sql<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_partition_tree('shop.event_kind_idx')",
    );
    assert.equal(row?.n, 4);
    await database.index.delete(made.id, made);
    assert.equal(await isValid("event_kind_idx"), undefined);
  });

  test("a half-built index of a partitioned table is seen by read and ended by update", async () => {
    await database.sql("SET ROLE shop_owner; CREATE INDEX event_at_idx ON ONLY shop.event (at)");
    const inputs = { schema: "shop", table: "event", name: "event_at_idx", columns: ["at"] };
    const found = await database.index.read("shop.event_at_idx");
    assert.ok(found);
    assert.deepEqual(Object.keys((await database.index.diff(found.id, found, inputs)).changes), [
      "catalog.isValid",
    ]);
    const { outputs } = await database.index.update(found.id, found, inputs);
    assert.equal(await isValid("event_at_idx"), true);
    assert.deepEqual((await database.index.diff(found.id, { inputs, outputs }, inputs)).changes, {});
  });

  test("a foreign key that could not be validated goes on where it stopped", async () => {
    const { foreignKey } = database;
    const inputs = {
      ...{ schema: "shop", table: "line", name: "line_item", columns: ["item_id"] },
      references: { table: "item", columns: ["id"] },
    };
    await database.sql("INSERT INTO shop.line VALUES (1), (1000)");
    await assert.rejects(
      foreignKey.make(inputs),
      /23503[^]*VALIDATE CONSTRAINT[^]*\(1000\)[^]*the next update goes on/,
    );
    // New rows are checked already.
    await assert.rejects(database.sql("INSERT INTO shop.line VALUES (1001)"), /line_item/);

    const found = await foreignKey.read("shop.line.line_item");
    assert.ok(found);
    const change = ["catalog.isValidated"];
    assert.deepEqual(Object.keys((await foreignKey.diff(found.id, found, inputs)).changes), change);
    await assert.rejects(foreignKey.update(found.id, found, inputs), /23503/);
    await database.sql("DELETE FROM shop.line WHERE item_id = 1000");
    const { outputs } = await foreignKey.update(found.id, found, inputs);
    assert.deepEqual((await foreignKey.diff(found.id, { inputs, outputs }, inputs)).changes, {});
    assert.deepEqual(await database.sql("SELECT 1 FROM pg_constraint WHERE NOT convalidated"), []);

    // As after a kill, when no state knows of it: create ends it too, but takes no finished one over.
    await assert.rejects(
      foreignKey.create(inputs),
      /pulumi import pgddl:index:ForeignKey a-key shop\.line\.line_item/,
    );
    await foreignKey.delete(found.id, found);
    await database.sql(
      "ALTER TABLE shop.line ADD CONSTRAINT line_item FOREIGN KEY (item_id) REFERENCES shop.item NOT VALID",
    );
    await foreignKey.make(inputs);
    assert.deepEqual(await database.sql("SELECT 1 FROM pg_constraint WHERE NOT convalidated"), []);
  });

  test("a foreign key from a partitioned table is added in one go", async () => {
    const inputs = {
      ...{ schema: "shop", table: "event", name: "event_kind", columns: ["kind"], onDelete: "cascade" },
      references: { table: "item", columns: ["id"] },
    };
    const made = await database.foreignKey.make(inputs);
    assert.deepEqual((await database.foreignKey.read(made.id))?.inputs, inputs);
    await assert.rejects(
      database.foreignKey.diff(made.id, made, { ...inputs, onDelete: "restrict" }),
      /onDelete: cascade → restrict/,
    );
    await database.foreignKey.delete(made.id, made);
  });

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
    await assert.rejects(overlap, /would overlap partition "many_0" \(SQLSTATE 42P17\)/);
  });

  test("a detached partition is seen, and not attached again unasked", async () => {
    const { partition } = database;
    const inputs = {
      schema: "shop",
      name: "event_3",
      parent: "event",
      bound: { from: ["2026-01-01"], to: ["2027-01-01"] },
    };
    const made = await partition.make(inputs);
    await database.sql("ALTER TABLE shop.event DETACH PARTITION shop.event_3");
    const found = await partition.read(made.id, made);
    assert.ok(found);
    assert.deepEqual(found.inputs, made.inputs);
    await partition.diff(made.id, found, made.inputs);
    await assert.rejects(partition.diff(made.id, found, made.inputs), /parent: detached → shop\.event/);
    await partition.delete(made.id, found);
    assert.equal(await partition.read(made.id, made), undefined);
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
