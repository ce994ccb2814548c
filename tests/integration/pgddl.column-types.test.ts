import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Properties } from "../../provider/host/values.ts";
import { columnTables, farVersions, id, inputsOf, note } from "../helpers/column-tables.ts";
import { whySkip } from "../helpers/postgres-server.ts";

for (const version of farVersions) {
  describe(
    `what columns of tables with rows hold, on PostgreSQL ${version}`,
    { skip: whySkip(version) },
    () => {
      const { database, make, change, refuses, rowsOf, fileOf } = columnTables(version);

      test("types widen in place, and narrow only when every value fits", async () => {
        const more = [
          { name: "n", type: "int", default: "0", notNull: true },
          { name: "price", type: "numeric(8,2)" },
          { name: "at", type: "timestamp" },
        ];
        const made = await make("typed", more, {
          checks: [{ name: "n_ok", expression: "n between 0 and 100" }],
        });
        await database().sql("UPDATE shop.typed SET n = id, price = id + 0.25, at = '2024-01-01 10:00:00.5'");
        const file = await fileOf("typed");
        const rest = { checks: made.inputs["checks"] ?? null };
        const text = { ...note, type: "text" };
        const n = { name: "n", type: "int", default: "0", notNull: true };
        const numeric = { name: "price", type: "numeric" };
        const at = { name: "at", type: "timestamptz", zone: "UTC" };
        const widened = await change(made, inputsOf("typed", [id, text, n, numeric, at], rest));
        assert.deepEqual(await fileOf("typed"), file);
        const big = { ...n, type: "bigint" };
        const rewritten = await change(widened, inputsOf("typed", [id, text, big, numeric, at], rest));
        const narrowed = (...columns: readonly Properties[]): Properties =>
          inputsOf("typed", [id, ...columns], rest);
        await refuses(
          rewritten,
          narrowed({ ...text, type: "varchar(1)" }, big, { ...numeric, type: "numeric(8,1)" }, at),
          /columns\[1\]\.type: text → character varying\(1\)/,
          /do not fit into character varying\(1\) are in 2 rows: \[1\], \[3\]/,
          /columns\[3\]\.type: numeric → numeric\(8,1\)/,
          /would be cut or rounded to numeric\(8,1\), in 3 rows: \[1\], \[2\], \[3\]/,
          /allowDataLoss: \["column:price"\]/,
        );
        await refuses(
          rewritten,
          narrowed({ ...text, type: "int" }, big, numeric, { name: "at", type: "timestamp" }),
          /no rule says how text becomes integer/,
          /depends on a time zone/,
        );
        await change(rewritten, {
          ...narrowed(
            { ...text, type: "integer", using: "substr(note, 2)::int" },
            { ...big, type: "int" },
            { ...numeric, type: "numeric(8,1)" },
            { name: "at", type: "timestamp", zone: "Europe/Berlin" },
          ),
          allowDataLoss: ["column:note", "column:price"],
        });
        assert.deepEqual(await rowsOf("typed", "id, note, n, price::text, at::text"), [
          { id: 1, note: 1, n: 1, price: "1.3", at: "2024-01-01 11:00:00.5" },
          { id: 2, note: null, n: 2, price: "2.3", at: "2024-01-01 11:00:00.5" },
          { id: 3, note: 3, n: 3, price: "3.3", at: "2024-01-01 11:00:00.5" },
        ]);
      });

      test("what is made of a column is listed, and neither its type nor the column goes", async () => {
        const made = await make("used");
        await database().sql(`
      CREATE VIEW shop.notes AS SELECT note FROM shop.used;
      CREATE INDEX used_note ON shop.used (note)`);
        await refuses(made, inputsOf("used", [id, { ...note, type: "text" }]), /view shop\.notes/);
        const lossy = { allowDataLoss: ["column:note"] };
        await refuses(made, inputsOf("used", [id], lossy), /view shop\.notes/, /index shop\.used_note/);
        await database().sql("DROP VIEW shop.notes");
        await refuses(made, inputsOf("used", [id, { ...note, collation: "C" }]), /index shop\.used_note/);
        await change(made, inputsOf("used", [id, { ...note, type: "varchar(30)" }]));
      });

      test("serial and identity change into each other's place, and go on counting", async () => {
        const serial = [{ name: "id", type: "serial" }, note];
        const made = await database().table.make(inputsOf("counted", serial));
        const insert = (): Promise<unknown> => database().sql("INSERT INTO shop.counted DEFAULT VALUES");
        await insert();
        await insert();
        const big = await change(made, inputsOf("counted", [{ name: "id", type: "bigserial" }, note]));
        await insert();
        const identity = { name: "id", type: "bigint", identity: "by default" };
        const counted = await change(big, inputsOf("counted", [identity, note]));
        await insert();
        const always = { ...identity, identity: "always" };
        const strict = await change(counted, inputsOf("counted", [always, note]));
        await insert();
        assert.deepEqual(
          await rowsOf("counted", "id::int"),
          [1, 2, 3, 4, 5].map((each) => ({ id: each })),
        );
        await change(strict, inputsOf("counted", [{ name: "id", type: "bigint" }, note]));
      });

      test("a generated column's expression changes where the server can, and can be given up", async () => {
        const loud = { name: "loud", type: "text", generated: "upper(note)" };
        const plain = { name: "plain", type: "text" };
        const made = await make("computed", [loud, plain]);
        const news = inputsOf("computed", [id, note, { ...loud, generated: "note || '!'" }, plain]);
        let state = made;
        if (version < 17) await refuses(made, news, /from version 17 on/);
        else {
          state = await change(made, news);
          assert.deepEqual((await rowsOf("computed", "id, loud"))[0], { id: 1, loud: "n1!" });
        }
        await refuses(
          state,
          inputsOf("computed", [id, note, { ...loud, generated: null }, { ...plain, generated: "'x'" }]),
          /cannot make a column that is there a generated one/,
        );
        await change(state, inputsOf("computed", [id, note, { name: "loud", type: "text" }, plain]));
        assert.equal((await rowsOf("computed", "id, loud"))[0]?.["loud"], version < 17 ? "N1" : "n1!");
      });

      test("all of it reaches the partitions", async () => {
        const at = { name: "at", type: "date", notNull: true };
        const rest = {
          primaryKey: { columns: ["id", "at"] },
          partitionBy: { strategy: "range", columns: ["at"] },
        };
        const made = await database().table.make(inputsOf("split", [id, at, note], rest));
        await database().sql(`
      SET ROLE shop_owner;
      CREATE TABLE shop.split_1 PARTITION OF shop.split FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE TABLE shop.split_2 PARTITION OF shop.split FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
      INSERT INTO shop.split SELECT g, date '2024-12-01' + g, 'n' FROM generate_series(1, 60) AS g`);
        await refuses(
          made,
          inputsOf("split", [id, { ...at, type: "timestamp" }, note], rest),
          /at is of the partition key/,
          /copy the rows/,
        );
        const news = inputsOf(
          "split",
          [
            { ...id, type: "bigint" },
            { name: "day", type: "date", notNull: true, renamedFrom: "at" },
            { ...note, type: "text", notNull: true, statistics: 77 },
            { name: "kind", type: "text", notNull: true, backfill: "note || id" },
            { name: "n", type: "int", notNull: true, identity: "by default" },
          ],
          { primaryKey: { columns: ["id", "day"] }, partitionBy: { strategy: "range", columns: ["day"] } },
        );
        await change(made, news);
        const [sum] = await database().sql(
          "SELECT count(*)::int AS rows, count(DISTINCT kind)::int AS kinds, count(n)::int AS numbered FROM shop.split",
        );
        assert.deepEqual(sum, { rows: 60, kinds: 60, numbered: 60 });
      });
    },
  );
}
