import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Properties } from "../../provider/host/values.ts";
import { startPgddl, type Made, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { postgresVersions, whySkip } from "../helpers/postgres-server.ts";

const columns = [
  { name: "id", type: "bigint", notNull: true },
  { name: "at", type: "date", notNull: true },
  { name: "email", type: "text" },
  { name: "price", type: "integer" },
];
const priceOk = { name: "price_ok", expression: "price between 0 and 100" };

function nameIn({ name }: Properties): string {
  assert.ok(typeof name === "string");
  return name;
}

for (const version of postgresVersions) {
  describe(
    `a table and what it is told beside its columns, on PostgreSQL ${version}`,
    { skip: whySkip(version) },
    () => {
      let database: PgddlDatabase;
      before(async () => {
        database = await startPgddl(version);
      });
      after(() => database[Symbol.asyncDispose]());

      const plain = (name: string, rest: Properties = {}): Properties => ({
        ...{ schema: "shop", name, owner: "shop_owner", columns },
        ...rest,
      });
      const split = (name: string, rest: Properties = {}): Properties =>
        plain(name, { partitionBy: { strategy: "range", columns: ["at"] }, ...rest });

      /** Makes the table; 50 rows, in three leaves on two levels where it is partitioned. */
      const make = async (inputs: Properties): Promise<Made> => {
        const made = await database.table.make(inputs);
        const name = nameIn(inputs);
        const partitions = `
        CREATE TABLE ${name}_24 PARTITION OF ${name} FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE TABLE ${name}_25 PARTITION OF ${name} FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY HASH (at);
        CREATE TABLE ${name}_25a PARTITION OF ${name}_25 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE ${name}_25b PARTITION OF ${name}_25 FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;
        await behind(`
        ${inputs["partitionBy"] === undefined ? "" : partitions}
        INSERT INTO ${name} SELECT g, date '2024-12-06' + g, 'u' || g || '@x', g FROM generate_series(1, 50) AS g`);
        return made;
      };
      /** By the owner, behind the provider's back. */
      const behind = (sql: string): Promise<unknown> =>
        database.sql(`SET ROLE shop_owner; SET search_path = shop; ${sql}`);
      /** Updates, and looks at what every update owes: no row is lost, and nothing is left to do. */
      const change = async (made: Made, news: Properties): Promise<Made> => {
        const { table } = database;
        const { outputs } = await table.update(made.id, made, news);
        const state = { id: made.id, inputs: news, outputs };
        assert.deepEqual((await table.diff(made.id, state, news)).changes, {});
        const found = await table.read(made.id, state);
        assert.deepEqual(found?.inputs, news);
        assert.deepEqual(found.outputs["catalog"], outputs["catalog"]);
        const [row] = await database.sql<{ rows: number }>(
          `SELECT count(*)::int AS rows FROM shop.${nameIn(news)}`,
        );
        assert.equal(row?.rows, 50);
        return state;
      };
      const constraintsOf = async (name: string): Promise<unknown> => {
        const rows = await database.sql<{ text: string }>(`
        SELECT c.conname || ' ' || pg_get_constraintdef(c.oid) AS text FROM pg_constraint c
         WHERE c.conrelid = 'shop.${name}'::regclass AND c.contype <> 'n' ORDER BY 1`);
        return rows.map(({ text }) => text);
      };
      const refuses = async (made: Made, news: Properties, ...patterns: RegExp[]): Promise<void> => {
        for (const pattern of patterns) {
          await assert.rejects(database.table.diff(made.id, made, news), pattern);
          await assert.rejects(database.table.update(made.id, made, news), pattern);
        }
      };

      for (const [kind, inputs] of [
        ["an ordinary table", plain],
        ["a partitioned table", split],
      ] as const) {
        const name = (what: string): string => `${what}_${kind === "an ordinary table" ? "o" : "p"}`;

        test(`${kind}: a check comes, says something else, is renamed, and goes`, async () => {
          const table = name("checked");
          let made = await make(inputs(table));
          made = await change(made, inputs(table, { checks: [priceOk] }));
          const other = { name: "price_ok", expression: "price between 1 and 99 or price is null" };
          made = await change(made, inputs(table, { checks: [other] }));
          const renamed = { ...other, name: "price_fine", renamedFrom: "price_ok" };
          made = await change(made, inputs(table, { checks: [renamed] }));
          assert.deepEqual(await constraintsOf(table), [
            "price_fine CHECK ((((price >= 1) AND (price <= 99)) OR (price IS NULL)))",
          ]);
          await assert.rejects(behind(`UPDATE ${table} SET price = 0 WHERE id = 1`), /price_fine/);
          await change(made, inputs(table));
          assert.deepEqual(await constraintsOf(table), []);
        });

        test(`${kind}: a check that rows break is refused with their keys`, async () => {
          const table = name("broken");
          const made = await make(inputs(table, { primaryKey: { columns: ["id", "at"] } }));
          const news = inputs(table, {
            primaryKey: { columns: ["id", "at"] },
            checks: [{ name: "low", expression: "price < 49" }],
          });
          await refuses(
            made,
            news,
            /checks\[0\]: no check/,
            /2 rows: \[49, ?"2025-01-24"\], \[50, ?"2025-01-25"\]/,
          );
        });

        test(`${kind}: keys come, get other columns, are renamed, and go`, async () => {
          const table = name("keyed");
          let made = await make(inputs(table));
          made = await change(
            made,
            inputs(table, { primaryKey: { columns: ["id", "at"] }, uniques: [{ columns: ["email", "at"] }] }),
          );
          assert.deepEqual(await constraintsOf(table), [
            `${table}_email_at_key UNIQUE (email, at)`,
            `${table}_pkey PRIMARY KEY (id, at)`,
          ]);
          await assert.rejects(
            behind(`INSERT INTO ${table} SELECT * FROM ${table} LIMIT 1`),
            /duplicate key/,
          );
          made = await change(
            made,
            inputs(table, { primaryKey: { columns: ["at", "id"] }, uniques: [{ columns: ["email", "at"] }] }),
          );
          const keys = {
            primaryKey: { name: "main", columns: ["at", "id"], renamedFrom: `${table}_pkey` },
            uniques: [{ name: "one_each", columns: ["email", "at"], renamedFrom: `${table}_email_at_key` }],
          };
          made = await change(made, inputs(table, keys));
          const wider = { name: "one_each", columns: ["email", "at", "price"] };
          made = await change(made, inputs(table, { ...keys, uniques: [wider] }));
          assert.deepEqual(await constraintsOf(table), [
            "main PRIMARY KEY (at, id)",
            "one_each UNIQUE (email, at, price)",
          ]);
          await change(made, inputs(table));
          assert.deepEqual(await constraintsOf(table), []);
        });

        test(`${kind}: a key that rows break is refused with the values`, async () => {
          const table = name("doubled");
          const made = await make(inputs(table));
          await behind(`INSERT INTO ${table} VALUES (7, '2024-12-13', 'again', 1)`);
          const news = inputs(table, { uniques: [{ columns: ["id", "at"] }] });
          await refuses(
            made,
            news,
            /uniques\[0\]: no key/,
            /one value stands in more than one row: \[7, ?"2024-12-13"\]/,
          );
        });

        test(`${kind}: a change of a check that was cut off is gone on with, or taken back`, async () => {
          const table = name("halfway");
          const made = await make(inputs(table, { checks: [priceOk] }));
          await behind(
            `ALTER TABLE ${table} ADD CONSTRAINT price_ok__pgddl_new CHECK (price between 1 and 99) NOT VALID`,
          );
          const found = await database.table.read(made.id, made);
          assert.ok(found);
          assert.deepEqual(found.inputs, made.inputs);
          assert.deepEqual((await database.table.diff(made.id, found, made.inputs)).changes, {
            "checks[0]": "update",
          });
          const news = inputs(table, {
            checks: [{ name: "price_ok", expression: "price between 1 and 99" }],
          });
          const preview = await database.table.update(made.id, found, news, true);
          assert.doesNotMatch(JSON.stringify(preview.outputs["plannedSql"]), /ADD CONSTRAINT/);
          await change({ ...found, id: made.id }, news);
          assert.deepEqual(await constraintsOf(table), ["price_ok CHECK (((price >= 1) AND (price <= 99)))"]);
        });

        test(`${kind}: it is renamed with everything else that changes, and keeps its rows`, async () => {
          const table = name("called");
          const made = await make(inputs(table, { uniques: [{ columns: ["id", "at"] }] }));
          const news = inputs(`${table}_now`, {
            renamedFrom: table,
            uniques: [{ columns: ["id", "at"] }],
            checks: [priceOk],
            comment: "Called so now.",
            owner: "other_owner",
          });
          await change(made, news);
          await refuses(made, inputs(`${table}_then`), /renamedFrom: "/);
        });
      }

      test("builds of a key that were cut off are used, dropped, or finished", async () => {
        const made = await make(plain("built"));
        await behind(`
        CREATE UNIQUE INDEX built_email_key__pgddl_key ON built (email);
        CREATE UNIQUE INDEX nobody__pgddl_key ON built (price)`);
        const [before] = await database.sql(
          "SELECT relfilenode FROM pg_class WHERE relname = 'built_email_key__pgddl_key'",
        );
        await change(made, plain("built", { uniques: [{ columns: ["email"] }] }));
        assert.deepEqual(
          await database.sql("SELECT relfilenode FROM pg_class WHERE relname = 'built_email_key'"),
          [before],
        );
        assert.deepEqual(await database.sql("SELECT 1 FROM pg_class WHERE relname LIKE '%pgddl_key'"), []);

        const uniques = [{ columns: ["id", "at"] }];
        const parted = await make(split("parted"));
        await behind(`
        ALTER TABLE ONLY parted ADD CONSTRAINT parted_id_at_key UNIQUE (id, at);
        ALTER TABLE parted_24 ADD CONSTRAINT its_own UNIQUE (id, at)`);
        await behind("CREATE UNIQUE INDEX parted_25b_parted_id_at_key__pgddl_key ON parted_25b (id, at)");
        await database.sql(`UPDATE pg_index SET indisvalid = false
        WHERE indexrelid = 'shop.parted_25b_parted_id_at_key__pgddl_key'::regclass`);
        const state = await change(parted, split("parted", { uniques }));
        assert.deepEqual(
          await database.sql(
            "SELECT relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE NOT indisvalid",
          ),
          [],
        );
        await behind(
          "CREATE TABLE parted_26 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        );
        assert.deepEqual((await database.table.diff(state.id, state, state.inputs)).changes, {});
      });

      test("what foreign keys rely on does not go, and they are named", async () => {
        const keys = { primaryKey: { columns: ["id"] } };
        const made = await make(plain("relied", keys));
        await behind("CREATE TABLE relying (id bigint CONSTRAINT the_link REFERENCES relied)");
        await refuses(made, plain("relied"), /the_link of shop\.relying/);
        await refuses(
          made,
          plain("relied", { primaryKey: { columns: ["id", "at"] } }),
          /the_link of shop\.relying/,
        );
        await assert.rejects(database.table.delete(made.id, made), /foreign key shop\.relying\.the_link/);
        await behind("DROP TABLE relying; CREATE VIEW relying AS SELECT id FROM relied");
        await assert.rejects(database.table.delete(made.id, made), /view shop\.relying/);
        await behind("DROP VIEW relying");
        await assert.rejects(database.table.delete(made.id, made), /holds rows[^]*allowDataLoss: \["rows"\]/);
        const given = { ...made, inputs: { ...made.inputs, allowDataLoss: ["rows"] } };
        await database.table.delete(made.id, given);
        assert.equal(await database.table.read(made.id), undefined);
      });

      test("storage is set, changed, and taken back; drift of it is seen", async () => {
        const made = await make(plain("stored"));
        const stored = plain("stored", {
          unlogged: true,
          storageParameters: { fillfactor: "70", "toast.autovacuum_enabled": "off" },
        });
        const state = await change(made, stored);
        await behind("ALTER TABLE stored SET (fillfactor = 60, autovacuum_enabled = off)");
        const found = await database.table.read(made.id, state);
        assert.deepEqual(found?.inputs["storageParameters"], {
          "toast.autovacuum_enabled": "off",
          fillfactor: "60",
        });
        assert.match(database.client.messages.at(-1) ?? "", /storage parameter autovacuum_enabled=off/);
        await change({ ...found, id: made.id }, stored);
        await change(state, plain("stored", { unlogged: false }));
      });

      test("enforced, what nobody declares is drift and goes; not enforced, it is only told", async () => {
        const made = await make(plain("strict", { checks: [priceOk] }));
        await behind(`
        ALTER TABLE strict ADD CONSTRAINT theirs CHECK (id > 0), ADD CONSTRAINT theirs_too UNIQUE (price), ADD rogue int;
        COMMENT ON TABLE strict IS 'theirs'`);
        const loose = await database.table.read(made.id, made);
        assert.deepEqual(loose?.inputs, made.inputs);
        assert.match(
          database.client.messages.at(-1) ?? "",
          /column rogue integer, check theirs, unique constraint theirs_too/,
        );
        const news = plain("strict", { checks: [priceOk], enforce: true });
        assert.deepEqual(Object.keys((await database.table.diff(made.id, made, news)).changes).sort(), [
          ...["checks[1]", "columns[4]", "comment", "uniques[0]"],
        ]);
        const state = await change(made, news);
        assert.deepEqual(await constraintsOf("strict"), [
          "price_ok CHECK (((price >= 0) AND (price <= 100)))",
        ]);
        await behind("ALTER TABLE strict ADD CONSTRAINT again CHECK (id > 0)");
        const drifted = await database.table.read(made.id, state);
        assert.ok(drifted);
        assert.deepEqual(drifted.inputs["checks"], [priceOk, { name: "again", expression: "(id > 0)" }]);
        assert.deepEqual((await database.table.diff(made.id, drifted, news)).changes, {
          "checks[1]": "delete",
        });
        const lax = plain("strict", { checks: [priceOk] });
        assert.deepEqual((await database.table.diff(made.id, drifted, lax)).changes, {});
      });

      test("an import says everything, and warns of what no property says", async () => {
        await behind(`
        CREATE TABLE parent (id int);
        CREATE TABLE found (
          id int CONSTRAINT found_main PRIMARY KEY, a int CONSTRAINT a_once UNIQUE DEFERRABLE,
          CONSTRAINT a_ok CHECK (a > 0), EXCLUDE USING btree (a WITH =)) INHERITS (parent) WITH (fillfactor = 80);
        COMMENT ON TABLE found IS 'Found.';
        CREATE RULE no_delete AS ON DELETE TO found DO INSTEAD NOTHING;
        ALTER TABLE found ENABLE ROW LEVEL SECURITY;
        CREATE POLICY mine ON found USING (true)`);
        const found = await database.table.read("shop.found");
        assert.ok(found);
        const { primaryKey, uniques, checks, comment, storageParameters } = found.inputs;
        assert.deepEqual(
          { primaryKey, uniques, checks, comment, storageParameters },
          {
            primaryKey: { name: "found_main", columns: ["id"] },
            uniques: [{ name: "a_once", columns: ["a"] }],
            checks: [{ name: "a_ok", expression: "(a > 0)" }],
            comment: "Found.",
            storageParameters: { fillfactor: "80" },
          },
        );
        const told = database.client.messages.at(-1) ?? "";
        for (const what of [
          ...["exclusion constraint found_a_excl", "constraint a_once DEFERRABLE", "policy mine"],
          ...["row level security", "rule no_delete", "INHERITS shop.parent"],
        ]) {
          assert.ok(told.includes(what), `${what} in ${told}`);
        }
        assert.deepEqual((await database.table.diff(found.id, found, found.inputs)).changes, {});
      });

      test("adopt takes a table over and brings it to what is wanted, its rows kept", async () => {
        await behind(`
        CREATE TABLE theirs (id bigint NOT NULL, at date NOT NULL, email text, price integer, CONSTRAINT old CHECK (price > 0));
        INSERT INTO theirs SELECT g, '2024-01-01', 'u' || g, g FROM generate_series(1, 50) AS g`);
        const inputs = plain("theirs", {
          primaryKey: { columns: ["id"] },
          checks: [priceOk],
          comment: "Ours.",
        });
        await assert.rejects(database.table.make(inputs), /exists already/);
        const made = await database.table.make({ ...inputs, adopt: true });
        await change(made, { ...inputs, adopt: true });
        assert.deepEqual(await constraintsOf("theirs"), [
          "old CHECK ((price > 0))",
          "price_ok CHECK (((price >= 0) AND (price <= 100)))",
          "theirs_pkey PRIMARY KEY (id)",
        ]);
      });

      test("how a table is partitioned is refused with the statements of a copy, an empty one with a short way", async () => {
        const made = await make(plain("whole"));
        const news = split("whole");
        await refuses(made, news, /INSERT INTO "shop"\."whole_new"/);
        await behind("DELETE FROM whole");
        await refuses(made, news, /DROP TABLE "shop"\."whole"/);
      });
    },
  );
}
