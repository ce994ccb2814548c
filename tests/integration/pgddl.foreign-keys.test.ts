import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "pg";
import { clientConfig } from "../../lib/connection.ts";
import type { Properties } from "../../provider/host/values.ts";
import { startPgddl, type Made, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { postgresVersions, whySkip } from "../helpers/postgres-server.ts";

for (const version of postgresVersions) {
  describe(`foreign keys on tables with rows, PostgreSQL ${version}`, { skip: whySkip(version) }, () => {
    let database: PgddlDatabase;
    before(async () => {
      database = await startPgddl(version);
      await database.sql(`
        SET ROLE shop_owner;
        CREATE TABLE shop.item (id int PRIMARY KEY, code int NOT NULL UNIQUE);
        CREATE TABLE shop.line (id int PRIMARY KEY, item_id int, "it'""em" int);
        CREATE TABLE shop.event (at date NOT NULL, kind int) PARTITION BY RANGE (at);
        CREATE TABLE shop.event_1 PARTITION OF shop.event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE TABLE shop.event_2 PARTITION OF shop.event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        CREATE TABLE shop.person (id int, since date, PRIMARY KEY (id, since)) PARTITION BY RANGE (since);
        CREATE TABLE shop.person_1 PARTITION OF shop.person FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE TABLE shop.visit (person_id int, person_since date);
        INSERT INTO shop.item SELECT g, 1000 + g FROM generate_series(1, 100) AS g;
        INSERT INTO shop.line SELECT g, g, 1000 + g FROM generate_series(1, 100) AS g;
        INSERT INTO shop.event SELECT '2024-06-01', g FROM generate_series(1, 100) AS g;
        INSERT INTO shop.person VALUES (1, '2024-06-01');
        INSERT INTO shop.visit VALUES (1, '2024-06-01'), (NULL, '2030-01-01')`);
    });
    after(() => database[Symbol.asyncDispose]());

    const inputsOf = (rest: Properties = {}): Properties => ({
      ...{ schema: "shop", table: "line", name: "line_item", columns: ["item_id"] },
      references: { table: "item", columns: ["id"] },
      ...rest,
    });
    const changes = async (state: Made, inputs: Properties): Promise<string[]> =>
      Object.keys((await database.foreignKey.diff(state.id, state, inputs)).changes);
    const update = async (state: Made, inputs: Properties): Promise<Made> => {
      const { outputs } = await database.foreignKey.update(state.id, state, inputs);
      const made = { id: state.id, inputs, outputs };
      assert.deepEqual(await changes(made, inputs), [], "a second diff shows nothing");
      return made;
    };
    const refreshed = async (state: Made): Promise<Made> => {
      const found = await database.foreignKey.read(state.id, state);
      assert.ok(found);
      // The first diff after a read only shows what changed.
      await database.foreignKey.diff(found.id, found, found.inputs);
      return found;
    };
    const keys = async (): Promise<string[]> =>
      (
        await database.sql<{ text: string }>(`
          SELECT conname || ' ' || pg_get_constraintdef(oid) AS text FROM pg_constraint
           WHERE contype = 'f' AND conparentid = 0 AND conrelid = 'shop.line'::regclass ORDER BY 1`)
      ).map(({ text }) => text);

    test("rows that reference nothing are counted first, with their keys", async () => {
      await database.sql("INSERT INTO shop.line VALUES (500, 5000), (501, 5001), (502, NULL)");
      const orphans = /2 rows: \[500\], \[501\] of shop\.line reference what is not there/;
      await assert.rejects(database.foreignKey.make(inputsOf()), orphans);
      await assert.rejects(database.foreignKey.create(inputsOf(), true), orphans);
      assert.deepEqual(await keys(), []);
      await database.sql("DELETE FROM shop.line WHERE id IN (500, 501)");
      const preview = await database.foreignKey.create(inputsOf(), true);
      assert.match(JSON.stringify(preview.outputs["plannedSql"]), /NOT VALID[^]*VALIDATE/);
      assert.match(database.client.messages.join("\n"), /no index of shop\.line begins with \(item_id\)/);
      const made = await database.foreignKey.make(inputsOf());
      assert.deepEqual(await changes(made, made.inputs), []);
      assert.deepEqual(await refreshed(made), { ...made, secretKeys: new Set() });
      await database.foreignKey.delete(made.id, made);
      assert.match(
        database.client.messages.at(-1) ?? "",
        /without line_item rows of shop\.line may reference/,
      );
    });

    test("a key that is not validated goes on where it stopped", async () => {
      const add = "ALTER TABLE shop.line ADD CONSTRAINT line_item FOREIGN KEY (item_id) REFERENCES shop.item";
      await database.sql(`${add} NOT VALID`);
      const found = await database.foreignKey.read("shop.line.line_item");
      assert.ok(found);
      assert.deepEqual(await changes(found, inputsOf()), ["catalog.isValidated"]);
      const state = await update(found, inputsOf());
      await assert.rejects(
        database.foreignKey.create(inputsOf()),
        /pulumi import pgddl:index:ForeignKey a-key shop\.line\.line_item/,
      );
      await database.foreignKey.delete(state.id, state);
      // As after a kill, when no state knows of it: create ends it too.
      await database.sql(`${add} NOT VALID`);
      const made = await database.foreignKey.make(inputsOf());
      assert.deepEqual(await keys(), ["line_item FOREIGN KEY (item_id) REFERENCES shop.item(id)"]);
      await database.foreignKey.delete(made.id, made);
    });

    test("a key is referenced whole", async () => {
      const visit = { ...inputsOf({ table: "visit", name: "visit_person", columns: ["person_id"] }) };
      const part = { ...visit, references: { table: "person", columns: ["id"] } };
      await assert.rejects(
        database.foreignKey.make(part),
        /person_pkey \(id, since\)[^]*Add since to references\.columns/,
      );
      // The Table may be about to get the key.
      await database.foreignKey.create(part, true);
      const whole = {
        ...{ ...visit, columns: ["person_id", "person_since"], onDelete: "set null" },
        references: { table: "person", columns: ["id", "since"] },
      };
      const made = await database.foreignKey.make(whole);
      assert.deepEqual(await changes(await refreshed(made), whole), []);
      await database.foreignKey.delete(made.id, made);
    });

    test("a changed key takes the place of the old one, and no row is ever unprotected", async () => {
      let state: Made = await database.foreignKey.make(inputsOf());
      const watcher = new Client(clientConfig(database.server.superuser, "ecosphere-test"));
      await watcher.connect();
      try {
        const progress = { isDone: false };
        let looks = 0;
        const updating = update(state, inputsOf({ onDelete: "cascade" })).finally(() => {
          progress.isDone = true;
        });
        while (!progress.isDone) {
          await assert.rejects(watcher.query("INSERT INTO shop.line VALUES (900, 5000)"), /line_item/);
          looks += 1;
        }
        state = await updating;
        assert.ok(looks > 1, `${looks} looks`);
      } finally {
        await watcher.end();
      }
      const cascading = "line_item FOREIGN KEY (item_id) REFERENCES shop.item(id) ON DELETE CASCADE";
      assert.deepEqual(await keys(), [cascading]);
      state = await update(
        state,
        inputsOf({ columns: ["it'\"em"], references: { table: "item", columns: ["code"] } }),
      );
      // An update that was cut off, before and after its validation, and one of another definition.
      for (const leave of [
        "FOREIGN KEY (item_id) REFERENCES shop.item ON DELETE CASCADE NOT VALID",
        "FOREIGN KEY (item_id) REFERENCES shop.item ON DELETE CASCADE",
        "FOREIGN KEY (item_id) REFERENCES shop.item ON DELETE SET NULL",
      ]) {
        await database.sql(`ALTER TABLE shop.line ADD CONSTRAINT line_item__pgddl_new ${leave}`);
        state = await refreshed(state);
        assert.deepEqual(await changes(state, state.inputs), ["catalog.successor"]);
        state = await update(state, inputsOf({ onDelete: "cascade" }));
        assert.deepEqual(await keys(), [cascading], leave);
        state = await update(state, inputsOf());
      }
      await database.foreignKey.delete(state.id, state);
      assert.deepEqual(await keys(), []);
    });

    test("name and deferrability change in place, and a rename by hand is drift", async () => {
      let state: Made = await database.foreignKey.make(inputsOf({ deferrable: "initially immediate" }));
      const oid = (): Promise<unknown> =>
        database.sql(
          "SELECT oid FROM pg_constraint WHERE conrelid = 'shop.line'::regclass AND contype = 'f'",
        );
      const before = await oid();
      state = await update(
        state,
        inputsOf({ name: "line_it", renamedFrom: "line_item", deferrable: "initially deferred" }),
      );
      state = { ...(await update(state, inputsOf({ name: "line_it" }))), id: "shop.line.line_it" };
      assert.deepEqual(await oid(), before);
      await database.sql("ALTER TABLE shop.line RENAME CONSTRAINT line_it TO line_x");
      const found = await refreshed(state);
      assert.equal(found.id, "shop.line.line_x");
      await assert.rejects(changes(found, state.inputs), /renamedFrom: "line_x"/);
      await database.foreignKey.delete(found.id, found);
      assert.deepEqual(await keys(), []);
    });

    test("a key from a partitioned table is added, changed, deferred and dropped", async () => {
      const inputs = inputsOf({ table: "event", name: "event_kind", columns: ["kind"], onDelete: "cascade" });
      await database.foreignKey.create(inputs, true);
      const warning = /before PostgreSQL 18 a foreign key of a partitioned table is checked as it is added/;
      const told = database.client.messages.filter((message) => warning.test(message));
      assert.equal(told.length > 0, version < 18);
      let state: Made = await database.foreignKey.make(inputs);
      assert.deepEqual((await database.foreignKey.read(state.id))?.inputs, inputs);
      state = await update(state, { ...inputs, onDelete: "restrict" });
      state = await update(state, { ...inputs, onDelete: "restrict", deferrable: "initially deferred" });
      const [part] = await database.sql<{ name: string }>(
        "SELECT conname AS name FROM pg_constraint WHERE conrelid = 'shop.event_1'::regclass AND contype = 'f'",
      );
      await assert.rejects(
        database.foreignKey.read(`shop.event_1.${part?.name ?? ""}`),
        /comes from the partitioned table above it/,
      );
      await database.foreignKey.delete(state.id, state);
    });
  });
}
