import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { columnTables, farVersions, id, inputsOf, note } from "../helpers/column-tables.ts";
import { whySkip } from "../helpers/postgres-server.ts";

for (const version of farVersions) {
  describe(`columns of tables with rows, on PostgreSQL ${version}`, { skip: whySkip(version) }, () => {
    const { database, make, change, refuses, rowsOf, fileOf } = columnTables(version);

    test("every property of a new table's columns reads back as it was said, by an import too", async () => {
      const columns = [
        { name: "id", type: "bigint", identity: "always" },
        { name: "code", type: "int", identity: "by default" },
        { ...note, collation: "C", comment: "It's a note.", statistics: 500, storage: "external" },
        { name: "price", type: "numeric(10,2)", notNull: true, default: "0" },
        { name: "gross", type: "numeric", generated: "price*1.2" },
        ...(version >= 18 ? [{ name: "loud", type: "text", generated: "upper(note)", isVirtual: true }] : []),
      ];
      const inputs = inputsOf("every", columns);
      const made = await database().table.make(inputs);
      assert.deepEqual((await database().table.diff(made.id, made, inputs)).changes, {});
      assert.deepEqual((await database().table.read(made.id, made))?.inputs, inputs);
      const imported = await database().table.read(made.id);
      assert.ok(imported);
      assert.deepEqual((await database().table.diff(made.id, imported, inputs)).changes, {});
      assert.equal(
        database().client.messages.some((message) => message.includes("what no property here can say")),
        false,
      );
    });

    test("what others did to a column shows property by property, and is set right", async () => {
      const made = await make("drifted", [{ name: "n", type: "int", comment: "mine", statistics: 10 }]);
      await database().sql(`
      COMMENT ON COLUMN shop.drifted.n IS 'theirs';
      UPDATE shop.drifted SET n = id;
      ALTER TABLE shop.drifted ALTER n SET STATISTICS 20, ALTER n SET NOT NULL;
      ALTER TABLE shop.drifted ALTER n ADD GENERATED ALWAYS AS IDENTITY`);
      const found = await database().table.read(made.id, made);
      assert.ok(found);
      const { changes } = await database().table.diff(made.id, found, made.inputs);
      assert.deepEqual(Object.keys(changes).sort(), [
        ...["columns[2].comment", "columns[2].identity", "columns[2].notNull", "columns[2].statistics"],
      ]);
      await change({ ...found, id: made.id }, made.inputs);
    });

    test("columns that are the same for every row are added without rewriting the table", async () => {
      const made = await make("added");
      const file = await fileOf("added");
      const news = inputsOf("added", [
        ...[id, note],
        { name: "a", type: "int", comment: "a", statistics: 50 },
        { name: "b", type: "text", notNull: true, default: "'x'", collation: "C", storage: "main" },
        { name: "c", type: "timestamptz", notNull: true, default: "now()" },
        { name: "d", type: "text", notNull: true, backfill: "coalesce(note, 'none')" },
        ...(version >= 18 ? [{ name: "e", type: "text", generated: "lower(note)", isVirtual: true }] : []),
      ]);
      await change(made, news);
      assert.deepEqual(await fileOf("added"), file);
      assert.deepEqual(await rowsOf("added", "id, b, d"), [
        { id: 1, b: "x", d: "n1" },
        { id: 2, b: "x", d: "none" },
        { id: 3, b: "x", d: "n3" },
      ]);
    });

    test("what differs from row to row rewrites a small table, and a big one only with permission", async () => {
      const made = await make("rewritten");
      const added = [
        { name: "a", type: "uuid", notNull: true, default: "gen_random_uuid()" },
        { name: "b", type: "bigserial" },
        { name: "c", type: "int", identity: "by default" },
        { name: "d", type: "text", generated: "upper(note)" },
      ];
      const state = await change(made, inputsOf("rewritten", [id, note, ...added]));
      const [counted] = await database().sql<{ n: number }>(
        "SELECT count(DISTINCT a)::int AS n FROM shop.rewritten",
      );
      assert.equal(counted?.n, 3);
      await database().sql("INSERT INTO shop.rewritten (id) SELECT generate_series(4, 10001)");
      const token = { name: "t", type: "uuid", notNull: true, default: "gen_random_uuid()" };
      await refuses(
        state,
        inputsOf("rewritten", [id, note, ...added, token]),
        /columns\[6\]: no column → t uuid NOT NULL/,
        /allowRewrite: \["column:t"\]/,
        /backfill: "gen_random_uuid\(\)"/,
      );
      // Nobody wrote down whether this one is volatile; the server was asked.
      await database().sql("CREATE FUNCTION shop.steady() RETURNS int STABLE LANGUAGE sql AS 'SELECT 7'");
      const file = await fileOf("rewritten");
      const steady = { name: "s", type: "int", notNull: true, default: "shop.steady()" };
      const batched = { ...token, backfill: "gen_random_uuid()" };
      await change(state, inputsOf("rewritten", [id, note, ...added, steady, batched]));
      assert.deepEqual(await fileOf("rewritten"), file);
      const [filled] = await database().sql<{ n: number }>(
        "SELECT count(DISTINCT t)::int AS n FROM shop.rewritten",
      );
      assert.equal(filled?.n, 10001);
    });

    test("NOT NULL over nulls is refused with their keys, and set when they are filled", async () => {
      const made = await make("tightened");
      const tight = { ...note, notNull: true };
      await refuses(made, inputsOf("tightened", [id, tight]), /note is null in 1 row: \[2\]/, /backfill/);
      await refuses(
        made,
        inputsOf("tightened", [id, { ...tight, backfill: "NULLIF(note, '')" }]),
        /backfill gives null itself, in 1 row: \[2\]/,
      );
      const state = await change(made, inputsOf("tightened", [id, { ...tight, backfill: "'none'" }]));
      assert.deepEqual((await rowsOf("tightened", "note, id"))[1], { id: 2, note: "none" });
      const left = await database().sql("SELECT 1 FROM pg_constraint WHERE conname LIKE '%pgddl%'");
      assert.deepEqual(left, []);
      await change(state, inputsOf("tightened", [id, note]));
    });

    test("NOT NULL that was cut off half way is seen by a read, and ended or taken back", async () => {
      const made = await make("half");
      await database().sql(`
      UPDATE shop.half SET note = '' WHERE note IS NULL;
      ALTER TABLE shop.half ADD CONSTRAINT note__pgddl_not_null CHECK (note IS NOT NULL) NOT VALID`);
      const found = await database().table.read(made.id, made);
      assert.ok(found);
      assert.deepEqual((await database().table.diff(made.id, found, made.inputs)).changes, {
        "columns[1].notNull": "update",
      });
      await change(made, inputsOf("half", [id, { ...note, notNull: true }]));
      assert.deepEqual(await database().sql("SELECT 1 FROM pg_constraint WHERE conname LIKE '%pgddl%'"), []);
    });

    test("a renamed column keeps its values, and the key and checks over it are the same", async () => {
      const made = await make("renamed", [], {
        checks: [{ name: "note_ok", expression: "note <> 'note' AND length(note) < 9" }],
        uniques: [{ name: "note_once", columns: ["note"] }],
      });
      await refuses(
        made,
        inputsOf("renamed", [id, { name: "remark", type: "varchar(20)" }]),
        /renamedFrom: "note" on remark/,
      );
      const news = inputsOf(
        "renamed",
        [
          { ...id, name: "key", renamedFrom: "id" },
          { ...note, name: "remark", renamedFrom: "note" },
        ],
        {
          primaryKey: { columns: ["key"] },
          checks: [{ name: "note_ok", expression: "remark <> 'note' AND length(remark) < 9" }],
          uniques: [{ name: "note_once", columns: ["remark"] }],
        },
      );
      const { changes } = await database().table.diff(made.id, made, news);
      assert.deepEqual(Object.keys(changes).sort(), ["columns[0].name", "columns[1].name"]);
      await change(made, news);
      const rows = await database().sql("SELECT key, remark FROM shop.renamed ORDER BY key");
      assert.deepEqual(rows[0], { key: 1, remark: "n1" });
    });

    test("a column goes when it is empty, is given up by name, or is copied first", async () => {
      const more = ["a", "b", "c"].map((name) => ({ name, type: "text" }));
      const made = await make("dropped", more);
      await database().sql("UPDATE shop.dropped SET b = 'b' || id, c = 'c' || id WHERE id > 1");
      await refuses(
        made,
        inputsOf("dropped", [id, note]),
        /columns\[3\]: b text → no column/,
        /b has values, which would be lost, in 2 rows: \[2\], \[3\]/,
        /archiveTo: \{ "b": "dropped_b" \}/,
      );
      const news = inputsOf("dropped", [id, note], {
        allowDataLoss: ["column:b"],
        archiveTo: { c: "dropped_c" },
      });
      await change(made, news);
      assert.deepEqual(await rowsOf("dropped_c"), [
        { id: 2, c: "c2" },
        { id: 3, c: "c3" },
      ]);
      assert.equal((await rowsOf("dropped")).length, 3);
    });

    test("a column that has come to hold values since the plan was made is not dropped", async () => {
      const made = await make("raced", [{ name: "a", type: "text" }]);
      const news = inputsOf("raced", [id, note]);
      await database().table.update(made.id, made, news, true);
      await database().sql("UPDATE shop.raced SET a = 'x'");
      await assert.rejects(database().table.update(made.id, made, news), /a has values/);
      assert.equal((await rowsOf("raced")).length, 3);
    });
  });
}
