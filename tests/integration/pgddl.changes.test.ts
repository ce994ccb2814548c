import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connectProvider } from "../helpers/provider-client.ts";
import { startPgddl, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { createProvider } from "../../provider/pgddl/provider.ts";
import { unknown, type Properties } from "../../provider/host/values.ts";

const id = { name: "id", type: "serial" };
const n = { name: "n", type: "decimal(10,2)", default: "0" };
const at = { name: "at", type: "timestamp", notNull: true, default: "now()" };
const columns = [id, n, at];
const checks = [{ name: "n_ok", expression: "n between 0 and 100 and n not in (13, 17)" }];

describe("one table over its life", () => {
  let database: PgddlDatabase;
  before(async () => {
    database = await startPgddl();
  });
  after(() => database[Symbol.asyncDispose]());

  const inputsOf = (name: string, rest: Properties = {}): Properties => ({
    ...{ schema: "shop", name, owner: "shop_owner", columns, primaryKey: { columns: ["id"] }, checks },
    ...rest,
  });
  const fileOf = async (name: string): Promise<unknown> =>
    (await database.sql(`SELECT relfilenode FROM pg_class WHERE oid = 'shop.${name}'::regclass`))[0];

  test("additive changes are made in place, without rewriting it, and read back clean", async () => {
    const { table } = database;
    const made = await table.make(inputsOf("additive", { comment: "before" }));
    await database.sql("INSERT INTO shop.additive (n) SELECT 1 FROM generate_series(1, 100)");
    const file = await fileOf("additive");
    const news = inputsOf("additive", {
      columns: [
        { name: "id", type: "serial4" },
        { name: "n", type: "NUMERIC(10, 2)", default: "1 + 1" },
        { name: "at", type: "timestamp" },
        { name: "note", type: "varchar(20)" },
        { name: "seen_at", type: "timestamptz", notNull: true, default: "now()" },
        { name: "tags", type: "text[]", default: "'{}'" },
      ],
      checks: [...checks, { name: "n_small", expression: "n < 50" }],
      comment: "it's after",
      owner: "other_owner",
    });
    const { changes } = await table.diff(made.id, made, news);
    assert.deepEqual(Object.keys(changes).sort(), [
      ...["checks[1]", "columns[1].default", "columns[2].default", "columns[2].notNull"],
      ...["columns[3]", "columns[4]", "columns[5]", "comment", "owner"],
    ]);
    const preview = await table.update(made.id, made, news, true);
    const planned = JSON.stringify(preview.outputs["plannedSql"]);
    assert.match(planned, /NOT VALID.*ACCESS EXCLUSIVE.*VALIDATE CONSTRAINT.*SHARE UPDATE EXCLUSIVE/);
    assert.equal((await table.diff(made.id, made, made.inputs)).changes["comment"], undefined);

    const { outputs } = await table.update(made.id, made, news);
    assert.equal(outputs["plannedSql"], undefined);
    assert.deepEqual(await fileOf("additive"), file);
    const state = { inputs: news, outputs };
    const found = await table.read(made.id, state);
    assert.deepEqual(found?.inputs, news);
    assert.deepEqual(found.outputs, outputs);
    assert.deepEqual((await table.diff(made.id, state, news)).changes, {});
  });

  test("an import differs in nothing from another spelling of the same", async () => {
    await database.table.make(inputsOf("spelt"));
    const found = await database.table.read("shop.spelt");
    assert.ok(found);
    const news = inputsOf("spelt", {
      owner: null,
      columns: [
        { name: "id", type: "SERIAL", notNull: true },
        { name: "n", type: "numeric(10,2)", default: "(0)" },
        { name: "at", type: "timestamp without time zone", notNull: true, default: "NOW ( )" },
      ],
      checks: [{ name: "n_ok", expression: "(n >= 0 AND n <= 100) AND n <> ALL (ARRAY[13::numeric, 17])" }],
    });
    assert.deepEqual((await database.table.diff(found.id, found, news)).changes, {});
  });

  test("what would lose or rewrite is refused at diff, with what, why and what to do", async () => {
    const { table } = database;
    const made = await table.make(inputsOf("refused"));
    await database.sql("INSERT INTO shop.refused (n) VALUES (NULL), (5.5)");
    const refuses = async (rest: Properties, ...patterns: RegExp[]): Promise<void> => {
      const news = inputsOf("refused", rest);
      for (const pattern of patterns) {
        await assert.rejects(table.diff(made.id, made, news), pattern);
        await assert.rejects(table.update(made.id, made, news), pattern);
      }
    };
    await refuses(
      { columns: [id, n] },
      /shop\.refused/,
      /columns\[2\]: at timestamp/,
      /allowDataLoss: \["column:at"\]/,
      /what to do/,
    );
    await refuses(
      { columns: [id, { ...n, type: "int" }, at] },
      /columns\[1\]\.type: numeric\(10,2\) → integer/,
    );
    await refuses(
      { columns: [id, { ...n, notNull: true }, at] },
      /columns\[1\]\.notNull: false → true/,
      /1 row/,
    );
    await refuses({ checks: [{ name: "n_ok", expression: "n > 6" }] }, /checks\[0\]/, /1 row: \[2\]/);
    // The live check makes no sense with the wanted type: a refusal of both, not the server's complaint.
    const dated = { ...n, type: "date", default: "now()" };
    const other = [{ name: "n_ok", expression: "n > '2020-01-01'" }];
    await refuses({ columns: [id, dated, at], checks: other }, /columns\[1\]\.type: numeric\(10,2\) → date/);
    // A check that the server would not take is told at diff too.
    await refuses(
      { checks: [...checks, { name: "bad", expression: "nowhere > 0" }] },
      /column "nowhere" does not exist/,
    );
    await refuses({ name: "renamed" }, /name: refused → renamed/, /renamedFrom: "refused"/);
    await refuses({ partitionBy: { strategy: "hash", columns: ["id"] } }, /not partitioned → hash/);
    await refuses({ columns: [id, at], comment: "x" }, /columns\[1\]: n numeric/);
    assert.deepEqual((await table.diff(made.id, made, made.inputs)).changes, {});
  });

  test("drift is seen property by property; what nobody declared is only told", async () => {
    const { table, client } = database;
    const made = await table.make(inputsOf("drifted", { comment: "mine" }));
    await database.sql(`
      ALTER TABLE shop.drifted ADD COLUMN rogue int;
      ALTER TABLE shop.drifted ADD CONSTRAINT rogue_check CHECK (rogue > 0);
      CREATE INDEX ON shop.drifted (rogue)`);
    const extra = await table.read(made.id, made);
    assert.deepEqual(extra?.inputs, made.inputs);
    assert.deepEqual(extra.outputs, made.outputs);
    assert.match(
      client.messages.at(-1) ?? "",
      /^warning: table shop\.drifted .*column rogue integer, check rogue_check/,
    );
    assert.deepEqual((await table.diff(made.id, made, made.inputs)).changes, {});

    await database.sql(`
      ALTER TABLE shop.drifted ALTER COLUMN n SET DEFAULT 7, DROP COLUMN at, DROP CONSTRAINT n_ok;
      COMMENT ON TABLE shop.drifted IS 'theirs'`);
    const found = await table.read(made.id, made);
    assert.deepEqual(found?.inputs["columns"], [id, { ...n, default: "7" }]);
    assert.equal(found.inputs["comment"], "theirs");
    assert.equal(found.inputs["checks"], undefined);
    // The engine's own question after a refresh, only to show the drift: it has to get an answer.
    const shown = await table.diff(made.id, found, made.inputs);
    const repair = await table.diff(made.id, found, made.inputs);
    assert.deepEqual(shown, repair);
    assert.deepEqual(Object.keys(repair.changes).sort(), [
      "checks[0]",
      "columns[1].default",
      "columns[2]",
      "comment",
    ]);
    const { outputs } = await table.update(made.id, found, made.inputs);
    const again = await table.read(made.id, { inputs: made.inputs, outputs });
    assert.deepEqual(again?.inputs, made.inputs);
  });

  test("drift that cannot be repaired does not stop a refresh, only the update", async () => {
    const { table } = database;
    const made = await table.make(inputsOf("stuck"));
    await database.sql("ALTER TABLE shop.stuck RENAME TO elsewhere");
    const found = await table.read(made.id, made);
    assert.ok(found);
    assert.equal(found.inputs["name"], "elsewhere");
    assert.deepEqual(Object.keys((await table.diff(made.id, found, made.inputs)).changes), ["name"]);
    await assert.rejects(
      table.diff(made.id, found, made.inputs),
      /name: elsewhere → stuck[^]*renamedFrom: "elsewhere"/,
    );
  });

  test("create refuses what exists, and names the command that takes it over", async () => {
    await database.table.make(inputsOf("taken"));
    const again = database.table.create(inputsOf("taken"));
    await assert.rejects(again, /pulumi import pgddl:index:Table a-table shop\.taken/);
    await assert.rejects(database.table.create(inputsOf("taken"), true), /exists already/);
    await database.sql("CREATE VIEW shop.seen AS SELECT 1");
    await assert.rejects(database.table.create(inputsOf("seen")), /is a view, no table/);
  });

  test("delete refuses partitions, under a lock, and takes an empty table", async () => {
    const { table, partition } = database;
    const split = { partitionBy: { strategy: "range", columns: ["id"] } };
    const parent = await table.make(inputsOf("full", split));
    const part = await partition.make({
      ...{ schema: "shop", name: "full_1", parent: "full", bound: { from: ["0"], to: ["1000"] } },
    });
    await database.sql("INSERT INTO shop.full (n) VALUES (1)");
    await assert.rejects(
      table.delete(parent.id, parent),
      /shop\.full: refused[^]*it still has partitions: shop\.full_1/,
    );
    const [kept] = await database.sql<{ n: number }>("SELECT count(*)::int AS n FROM shop.full");
    assert.equal(kept?.n, 1);
    await database.sql("DELETE FROM shop.full");
    await partition.delete(part.id, part);
    await table.delete(parent.id, parent);
    assert.deepEqual(await database.sql("SELECT 1 FROM pg_class WHERE relname LIKE 'full%'"), []);
  });

  test("a statement in an expression is refused by the server, not run", async () => {
    const news = inputsOf("evil", {
      columns: [{ name: "a", type: "int", default: "0); DROP SCHEMA shop CASCADE; --" }],
    });
    await assert.rejects(
      database.table.create({ ...news, primaryKey: null, checks: [] }),
      /42601[^]*SQL: CREATE TABLE/,
    );
    assert.deepEqual(await database.sql("SELECT 1 AS one FROM pg_namespace WHERE nspname = 'shop'"), [
      { one: 1 },
    ]);
  });

  test("errors name object, statement and code, and never the password", async () => {
    const missing = database.table.create({ ...inputsOf("nowhere"), schema: "nowhere" });
    await assert.rejects(missing, (error: Error) => {
      assert.match(
        error.message,
        /table nowhere\.nowhere: .*3F000[^]*SQL: CREATE TABLE[^]*Create the schema first/,
      );
      assert.ok(!error.message.includes(database.password));
      return true;
    });
    const { host, port } = database.server.superuser;
    const config = {
      host,
      port,
      database: "postgres",
      username: "ddl_admin",
      password: `${database.password}x`,
    };
    await using client = await connectProvider(createProvider(), config);
    await assert.rejects(client.resource("pgddl:index:Table").read("shop.a"), (error: Error) => {
      assert.match(error.message, /cannot work with postgresql:\/\/ddl_admin@127\.0\.0\.1/);
      assert.ok(!error.message.includes(database.password));
      return true;
    });
  });

  test("a preview with values that are not known yet neither fails nor connects", async () => {
    const nowhere = { host: "127.0.0.1", port: 1, database: "d", username: "u", password: "p" };
    await using client = await connectProvider(createProvider(), nowhere);
    const table = client.resource("pgddl:index:Table");
    const created = await table.create(inputsOf("later", { schema: unknown }), true);
    assert.equal(created.outputs["catalog"], unknown);
    const planned = await table.create(inputsOf("later"), true);
    assert.match(JSON.stringify(planned.outputs["plannedSql"]), /CREATE TABLE/);
    assert.match(client.messages.join(), /ECONNREFUSED/);
  });

  test("a lock that somebody holds is waited for and tried again", async () => {
    const { table } = database;
    const made = await table.make(inputsOf("busy"));
    const news = inputsOf("busy", { comment: "at last" });
    const blocker = database.sql(
      "BEGIN; LOCK TABLE shop.busy IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3); COMMIT",
    );
    const { outputs } = await table.update(made.id, made, news);
    await blocker;
    assert.equal(outputs["comment"], "at last");
  });
});
