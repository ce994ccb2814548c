import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "pg";
import { clientConfig } from "../../lib/connection.ts";
import { eventually } from "../../lib/poll.ts";
import type { Properties } from "../../provider/host/values.ts";
import { startPgddl, type Made, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { postgresVersions, whySkip } from "../helpers/postgres-server.ts";
import { within } from "../helpers/timeouts.ts";

for (const version of postgresVersions) {
  describe(`indexes on tables with rows, PostgreSQL ${version}`, { skip: whySkip(version) }, () => {
    let database: PgddlDatabase;
    before(async () => {
      database = await startPgddl(version);
      await database.sql(`
        SET ROLE shop_owner;
        CREATE TABLE shop.item (id int PRIMARY KEY, shelf int, name text NOT NULL, "at'""x" date, place point);
        CREATE TABLE shop.event (at date NOT NULL, kind int, body text) PARTITION BY RANGE (at);
        CREATE TABLE shop.event_1 PARTITION OF shop.event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE TABLE shop.event_2 PARTITION OF shop.event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
          PARTITION BY LIST (kind);
        CREATE TABLE shop.event_2a PARTITION OF shop.event_2 FOR VALUES IN (1);
        INSERT INTO shop.item SELECT g, g % 10, 'n' || g FROM generate_series(1, 100) AS g;
        INSERT INTO shop.event SELECT '2024-06-01', 1 FROM generate_series(1, 100);
        INSERT INTO shop.event SELECT '2025-06-01', 1 FROM generate_series(1, 100)`);
    });
    after(() => database[Symbol.asyncDispose]());

    const inputsOf = (name: string, rest: Properties = {}): Properties => ({
      ...{ schema: "shop", table: "item", name, columns: ["shelf"] },
      ...rest,
    });
    /** By name, whether it is valid. */
    const indexes = async (like: string): Promise<Record<string, boolean>> => {
      const rows = await database.sql<{ name: string; valid: boolean }>(`
        SELECT c.relname AS name, i.indisvalid AS valid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE c.relname LIKE '${like}' ORDER BY 1`);
      return Object.fromEntries(rows.map((row) => [row.name, row.valid]));
    };
    const changes = async (state: Made, inputs: Properties): Promise<string[]> =>
      Object.keys((await database.index.diff(state.id, state, inputs)).changes);
    const update = async (state: Made, inputs: Properties): Promise<Made> => {
      const { outputs } = await database.index.update(state.id, state, inputs);
      const made = { id: state.id, inputs, outputs };
      assert.deepEqual(await changes(made, inputs), [], "a second diff shows nothing");
      return made;
    };
    /** What the engine does before an update: what is there, and the inputs that would make it. */
    const refreshed = async (state: Made): Promise<Made> => {
      const found = await database.index.read(state.id, state);
      assert.ok(found);
      // The first diff after a read only shows what changed.
      await database.index.diff(found.id, found, found.inputs);
      return found;
    };

    test("every property of an index comes back as it was written", async () => {
      const inputs = inputsOf("item_all", {
        columns: [
          "shelf",
          { name: "name", order: "desc", nulls: "last", operatorClass: "text_pattern_ops", collation: "C" },
          { expression: "lower(name)", nulls: "first" },
          { expression: "shelf + 1" },
          { name: "at'\"x" },
        ],
        unique: true,
        nullsNotDistinct: true,
        include: ["id"],
        where: "shelf between 1 and 5 AND name not in ('a', 'b')",
        storageParameters: { fillfactor: "70" },
        comment: "what's in it",
      });
      const made = await database.index.make(inputs);
      assert.deepEqual(await changes(made, inputs), []);
      const found = await refreshed(made);
      assert.deepEqual(found.inputs, made.inputs);
      assert.deepEqual(found.outputs, made.outputs);
      const imported = await database.index.read(made.id);
      assert.ok(imported);
      assert.deepEqual(await changes(imported, imported.inputs), []);
      // The program's words for the same thing as the import's.
      assert.deepEqual(await changes(imported, made.inputs), []);
      const other = { ...made.inputs, where: "shelf between 1 and 6" };
      assert.deepEqual(await changes(made, other), ["where"]);
      await database.index.delete(made.id, made);
      const spatial = await database.index.make(
        inputsOf("item_place", { columns: ["place"], method: "spgist" }),
      );
      assert.deepEqual(await changes(spatial, spatial.inputs), []);
      await database.index.delete(spatial.id, spatial);
    });

    test("writes go on while an index is built", async () => {
      const old = new Client(clientConfig(database.server.superuser, "ecosphere-test"));
      await old.connect();
      try {
        // A concurrent build waits for it at its end.
        await old.query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM shop.item LIMIT 1");
        await database.sql("INSERT INTO shop.item VALUES (1001, 1, 'before')");
        const making = database.index.make(inputsOf("item_live"));
        await eventually({ what: "the build to wait", withinMs: within.lockSeen }, async () =>
          (await indexes("item_live"))["item_live"] === false ? true : undefined,
        );
        await database.sql(
          "INSERT INTO shop.item VALUES (1000, 1, 'meanwhile'); DELETE FROM shop.item WHERE id >= 1000",
        );
        await old.query("COMMIT");
        const made = await making;
        assert.deepEqual(await indexes("item_live"), { item_live: true });
        await database.index.delete(made.id, made);
        assert.deepEqual(await indexes("item_live"), {});
      } finally {
        await old.end();
      }
    });

    test("what a cut-off build left behind is dropped and built again", async () => {
      const build = "CREATE UNIQUE INDEX CONCURRENTLY item_unique ON shop.item (shelf)";
      await assert.rejects(database.sql(build), /could not create unique index/);
      assert.deepEqual(await indexes("item_unique"), { item_unique: false });
      const inputs = inputsOf("item_unique", { columns: ["shelf"], unique: true });
      await assert.rejects(database.index.make(inputs), /10 values stand more than once: \[\d\]/);
      await database.sql("UPDATE shop.item SET shelf = id");
      const made = await database.index.make(inputs);
      assert.deepEqual(await indexes("item_unique"), { item_unique: true });
      await assert.rejects(
        database.index.make(inputs),
        /pulumi import pgddl:index:Index an-index shop\.item_unique/,
      );
      const adopted = await database.index.make({ ...inputs, adopt: true, comment: "mine now" });
      assert.deepEqual(await changes(adopted, adopted.inputs), []);
      await database.index.delete(made.id, adopted);
      await database.sql("UPDATE shop.item SET shelf = id % 10");
    });

    test("a changed index takes the place of the old one, and the table is never without", async () => {
      let state: Made = await database.index.make(inputsOf("item_swap"));
      const watcher = new Client(clientConfig(database.server.superuser, "ecosphere-test"));
      await watcher.connect();
      try {
        const progress = { isDone: false };
        const seen: boolean[] = [];
        const changed = inputsOf("item_swap", { columns: ["shelf", "name"], comment: "wider" });
        const updating = update(state, changed).finally(() => {
          progress.isDone = true;
        });
        while (!progress.isDone) {
          const { rows } = await watcher.query<{ valid: boolean }>(
            "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass('shop.item_swap')",
          );
          seen.push(rows[0]?.valid === true);
        }
        state = await updating;
        assert.ok(seen.length > 1 && seen.every(Boolean), `${seen.length} looks`);
      } finally {
        await watcher.end();
      }
      assert.deepEqual(await indexes("item_swap%"), { item_swap: true });
      const unique = inputsOf("item_swap", { unique: true });
      await assert.rejects(changes(state, unique), /10 values stand more than once/);
      state = await update(state, inputsOf("item_swap", { columns: ["id"], unique: true }));
      // An update that was cut off at each of its steps.
      for (const leave of [
        "CREATE INDEX item_swap__pgddl_new ON shop.item (shelf)",
        "CREATE INDEX item_swap__pgddl_new ON shop.item (name)",
        "CREATE INDEX item_swap__pgddl_old ON shop.item (name)",
      ]) {
        await database.sql(`SET ROLE shop_owner; SET search_path = shop; ${leave}`);
        state = await refreshed(state);
        assert.ok((await changes(state, state.inputs)).includes("catalog.helpers"), leave);
        state = await update(state, inputsOf("item_swap", { columns: ["shelf"] }));
        assert.deepEqual(await indexes("item_swap%"), { item_swap: true });
        state = await update(state, inputsOf("item_swap", { columns: ["id"], unique: true }));
      }
      await database.index.delete(state.id, state);
    });

    test("name, parameters and comment change in place", async () => {
      let state: Made = await database.index.make(inputsOf("item_place_a"));
      const oid = (): Promise<unknown> =>
        database.sql("SELECT oid FROM pg_class WHERE relname IN ('item_place_a', 'item_place_b')");
      const before = await oid();
      const renamed = inputsOf("item_place_b", {
        ...{ renamedFrom: "item_place_a", comment: "c", storageParameters: { fillfactor: "60" } },
      });
      state = await update(state, renamed);
      state = await update(state, inputsOf("item_place_b"));
      assert.deepEqual(await oid(), before);
      await database.sql("ALTER INDEX shop.item_place_b RENAME TO item_place_c");
      const found = await refreshed(state);
      assert.equal(found.id, "shop.item_place_c");
      await assert.rejects(changes(found, state.inputs), /renamedFrom: "item_place_c"/);
      await database.index.delete(found.id, found);
    });

    test("an index that something cannot do without is refused, one of a constraint is no Index", async () => {
      const state = await database.index.make(
        inputsOf("item_used", { columns: ["id", "name"], unique: true }),
      );
      await database.sql(`
        SET ROLE shop_owner;
        CREATE TABLE shop.uses (id int, name text, CONSTRAINT uses_item FOREIGN KEY (id, name) REFERENCES shop.item (id, name));
        ALTER TABLE shop.item REPLICA IDENTITY USING INDEX item_used`);
      const found = await refreshed(state);
      const refusal =
        /foreign key shop\.uses\.uses_item, the replica identity of shop\.item cannot do without/;
      await assert.rejects(
        changes(found, inputsOf("item_used", { columns: ["name", "id"], unique: true })),
        refusal,
      );
      await assert.rejects(database.index.delete(found.id, found), refusal);
      await database.sql("DROP TABLE shop.uses; ALTER TABLE shop.item REPLICA IDENTITY DEFAULT");
      await database.index.delete(found.id, found);
      await assert.rejects(database.index.read("shop.item_pkey"), /is that of the constraint item_pkey/);
    });

    test("an index of a partitioned table is built leaf by leaf, changed and dropped", async () => {
      const inputs = inputsOf("event_kind_idx", { table: "event", columns: ["kind"] });
      const made = await database.index.make(inputs);
      const names = ["event_1", "event_2", "event_2a"].map((part) => `${part}_event_kind_idx`);
      const all = Object.fromEntries([...names, "event_kind_idx"].sort().map((name) => [name, true]));
      assert.deepEqual(await indexes("event%kind%"), all);
      const wider = { ...inputs, columns: ["kind", { expression: "lower(body)" }], comment: "c" };
      let state = await update(made, wider);
      assert.deepEqual(await indexes("event%kind%"), all);
      const missing = { ...wider, columns: ["kind"], unique: true };
      await assert.rejects(
        changes(state, missing),
        /at of the partition key is missing[^]*Add at to columns/,
      );
      // As after a kill: the shell and one leaf of the new index, and a partition that came since.
      await database.sql(`
        SET ROLE shop_owner; SET search_path = shop;
        CREATE INDEX event_kind_idx__pgddl_new ON ONLY event (kind, at);
        CREATE INDEX event_1_event_kind_idx__pgddl_new ON event_1 (kind, at)`);
      await database.sql(`
        SET ROLE shop_owner;
        CREATE TABLE shop.event_3 PARTITION OF shop.event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`);
      await assert.rejects(
        database.index.read("shop.event_1_event_kind_idx"),
        /comes from the partitioned table above it/,
      );
      state = await refreshed(state);
      state = await update(state, { ...inputs, columns: ["kind", "at"] });
      assert.deepEqual(Object.values(await indexes("event%kind%")).every(Boolean), true);
      assert.deepEqual(Object.keys(await indexes("%pgddl%")), []);
      const parameters = { ...inputs, columns: ["kind", "at"], storageParameters: { fillfactor: "80" } };
      state = await update(state, parameters);
      await database.index.delete(state.id, state);
      assert.deepEqual(await indexes("event%kind%"), {});
    });

    test("a half-built index of a partitioned table is seen by read and ended by update", async () => {
      await database.sql("SET ROLE shop_owner; CREATE INDEX event_at_idx ON ONLY shop.event (at)");
      const inputs = inputsOf("event_at_idx", { table: "event", columns: ["at"] });
      const found = await database.index.read("shop.event_at_idx");
      assert.ok(found);
      assert.deepEqual(await changes(found, inputs), ["catalog.isValid"]);
      const state = await update(found, inputs);
      assert.equal((await indexes("event_at_idx"))["event_at_idx"], true);
      await database.index.delete(state.id, state);
    });
  });
}
