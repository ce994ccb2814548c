import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Properties } from "../../provider/host/values.ts";
import { Database } from "../../provider/pgddl/server/database.ts";
import { startPgddl, type PgddlDatabase } from "../helpers/pgddl-database.ts";

const columns = [{ name: "id", type: "integer" }];

describe("what the state knows and what is there", () => {
  let database: PgddlDatabase;
  before(async () => {
    database = await startPgddl();
  });
  after(() => database[Symbol.asyncDispose]());

  const inputsOf = (name: string, rest: Properties = {}): Properties => ({
    ...{ schema: "shop", name, owner: "shop_owner", columns },
    ...rest,
  });

  test("a table that somebody renamed is found by its oid, and not taken for a lost one", async () => {
    const made = await database.table.make(inputsOf("before_hand"));
    await database.sql("ALTER TABLE shop.before_hand RENAME TO after_hand");
    const found = await database.table.read(made.id, made);
    assert.equal(found?.id, "shop.after_hand");
    assert.equal(found.inputs["name"], "after_hand");
    const state = { inputs: found.inputs, outputs: found.outputs };
    await assert.rejects(async () => {
      // The first diff after a read only shows what changed.
      await database.table.diff(found.id, state, found.inputs);
      await database.table.diff(found.id, state, made.inputs);
    }, /after_hand → before_hand[^]*renamedFrom/);
  });

  test("a table of the same name that somebody else made is not dropped for the one that was", async () => {
    const made = await database.table.make(inputsOf("swapped"));
    await database.sql("DROP TABLE shop.swapped; CREATE TABLE shop.swapped (id integer)");
    await assert.rejects(database.table.delete(made.id, made), /not the one that this resource made/);
    const [row] = await database.sql<{ oid: string | null }>("SELECT to_regclass('shop.swapped') AS oid");
    assert.ok(row?.oid);
    await database.table.read(made.id, made);
    assert.match(
      database.client.messages.join("\n"),
      /shop\.swapped was dropped and made again by somebody else/,
    );
  });

  test("a table that is gone is said to come back empty", async () => {
    const made = await database.table.make(inputsOf("lost"));
    await database.sql("DROP TABLE shop.lost");
    assert.equal(await database.table.read(made.id, made), undefined);
    assert.match(
      database.client.messages.join("\n"),
      /table shop\.lost is gone; an update makes it anew, empty/,
    );
  });

  test("a rename that the state cannot follow makes no second, empty table", async () => {
    await database.table.make(inputsOf("customers"));
    await assert.rejects(
      database.table.make(inputsOf("clients", { renamedFrom: "customers" })),
      /aliases: \[\{ name: OLD \}\]/,
    );
    const [row] = await database.sql<{ oid: string | null }>("SELECT to_regclass('shop.clients') AS oid");
    assert.equal(row?.oid, null);
  });

  test("a question is asked with the owner's rights, and one that fails has no answer", async () => {
    await database.sql("CREATE TABLE shop.secret (id integer); ALTER TABLE shop.secret OWNER TO other_owner");
    const { superuser } = database.server;
    const connection = { ...superuser, user: "ddl_admin", password: database.password };
    const own = new Database(connection, "ecosphere-test");
    try {
      const rows = { key: "rows", sql: "SELECT count(*)::int AS n FROM shop.secret" };
      const who = { key: "who", sql: "SELECT current_user::text AS who" };
      const writing = { key: "writing", sql: "CREATE TABLE shop.made_by_a_question ()" };
      const asOwner = await own.ask([rows, who, writing], "other_owner");
      assert.deepEqual(
        [...asOwner],
        [
          ["rows", [{ n: 0 }]],
          ["who", [{ who: "other_owner" }]],
        ],
      );
      const asAnother = await own.ask([rows, who], "shop_owner");
      assert.deepEqual([...asAnother.keys()], ["who"]);
    } finally {
      await own.close();
    }
  });
});

describe("a table that is renamed with all that names it", () => {
  test("keeps its partitions, indexes and foreign keys, in the preview too", async () => {
    await using database = await startPgddl();
    const { table, partition, index, foreignKey } = database;
    const key = { primaryKey: { columns: ["id"] }, partitionBy: { strategy: "range", columns: ["id"] } };
    const user = { schema: "shop", owner: "shop_owner", columns, ...key };
    const users = await table.make({ ...user, name: "users" });
    const orders = await table.make({
      ...{ schema: "shop", name: "orders", owner: "shop_owner" },
      columns: [{ name: "user_id", type: "integer" }],
    });
    const inputs = (people: string, sales: string) => ({
      part: { schema: "shop", name: "first", parent: people, bound: { from: ["0"], to: ["10"] } },
      index: { schema: "shop", table: sales, name: "by_user", columns: ["user_id"] },
      key: {
        ...{ schema: "shop", table: sales, name: "of_user", columns: ["user_id"] },
        references: { table: people, columns: ["id"] },
      },
    });
    const before = inputs("users", "orders");
    const part = await partition.make(before.part);
    const byUser = await index.make(before.index);
    const ofUser = await foreignKey.make(before.key);
    await database.sql("INSERT INTO shop.users VALUES (1); INSERT INTO shop.orders VALUES (1)");
    const [news, people, sales] = [inputs("people", "sales"), { ...user, name: "people" }, orders.inputs];
    const renamed = [
      { resource: table, made: users, to: { ...people, renamedFrom: "users" }, changes: { name: "update" } },
      {
        resource: table,
        made: orders,
        to: { ...sales, name: "sales", renamedFrom: "orders" },
        changes: { name: "update" },
      },
      { resource: partition, made: part, to: news.part, changes: { parent: "update" } },
      { resource: index, made: byUser, to: news.index, changes: { table: "update" } },
      {
        resource: foreignKey,
        made: ofUser,
        to: news.key,
        changes: { table: "update", "references.table": "update" },
      },
    ];
    // As the engine does: first everything in a preview, then each after what it depends on.
    for (const { resource, made, to, changes } of renamed) {
      assert.deepEqual((await resource.diff(made.id, made, to)).changes, changes);
      await resource.update(made.id, made, to, true);
    }
    for (const { resource, made, to } of renamed) {
      const { outputs } = await resource.update(made.id, made, to);
      const state = { inputs: to, outputs };
      assert.deepEqual((await resource.diff(made.id, state, to)).changes, {});
      const found = await resource.read(made.id, state);
      assert.deepEqual(found?.inputs, to);
    }
    const [row] = await database.sql<{ n: number }>(
      "SELECT count(*)::int AS n FROM shop.people JOIN shop.sales ON id = user_id",
    );
    assert.equal(row?.n, 1);
  });

  test("is told from another table of the new name", async () => {
    await using database = await startPgddl();
    const { table, index } = database;
    const one = { schema: "shop", owner: "shop_owner", columns };
    await table.make({ ...one, name: "users" });
    await table.make({ ...one, name: "people" });
    const wanted = { schema: "shop", table: "users", name: "by_id", columns: ["id"] };
    const made = await index.make(wanted);
    await assert.rejects(index.diff(made.id, made, { ...wanted, table: "people" }), /table: users → people/);
  });
});
