import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Known } from "../../provider/host/provider.ts";
import type { Properties } from "../../provider/host/values.ts";
import { startPgddl, type Made, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import type { ResourceClient } from "../helpers/provider-client.ts";

describe("a partition set on a server", () => {
  let database: PgddlDatabase;
  let set: ResourceClient;
  before(async () => {
    database = await startPgddl();
    set = database.client.resource("pgddl:index:PartitionSet", "a-set");
  });
  after(() => database[Symbol.asyncDispose]());
  beforeEach(async () => {
    await database.sql(`
      DROP SCHEMA shop CASCADE; CREATE SCHEMA shop AUTHORIZATION shop_owner;
      GRANT ALL ON SCHEMA shop TO other_owner;
      SET ROLE shop_owner;
      CREATE TABLE shop.event (id bigint NOT NULL, at timestamptz NOT NULL, kind text, PRIMARY KEY (id, at))
        PARTITION BY RANGE (at);
      CREATE INDEX event_kind_idx ON shop.event (kind)`);
  });

  const event = (more: Properties = {}): Properties => ({
    ...{ schema: "shop", parent: "event", interval: "month", range: { from: "2026-01-01" } },
    ...{ asOf: "2026-03-15", premake: 1 },
    ...more,
  });
  const attached = async (parent = "event"): Promise<readonly string[]> =>
    (
      await database.sql<{ name: string }>(
        `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
          WHERE i.inhparent = 'shop.${parent}'::regclass AND NOT i.inhdetachpending ORDER BY 1`,
      )
    ).map(({ name }) => name);
  const isThere = async (name: string): Promise<boolean> =>
    (await database.sql(`SELECT 1 FROM pg_class WHERE oid = to_regclass('shop.${name}')`)).length > 0;
  const refresh = async (made: Made): Promise<Made> => {
    const found = await set.read(made.id, made);
    assert.ok(found);
    return { id: found.id, inputs: found.inputs, outputs: found.outputs };
  };
  const changesOf = async (made: Made, inputs: Properties = made.inputs): Promise<Properties> =>
    (await set.diff(made.id, made, inputs)).changes;
  /** As the engine does: refresh, diff, update. */
  const update = async (made: Made, inputs: Properties): Promise<Made> => {
    const fresh = await refresh(made);
    await set.diff(fresh.id, fresh, inputs);
    const known: Known = await set.update(fresh.id, fresh, inputs);
    return { id: made.id, inputs, outputs: known.outputs };
  };
  const warningsOf = async (work: () => Promise<unknown>): Promise<string> => {
    const from = database.client.messages.length;
    await work();
    return database.client.messages.slice(from).join("\n");
  };

  test("makes the window, shows it before, and rolls forward as asOf does", async () => {
    const preview = await set.create(event(), true);
    assert.match(JSON.stringify(preview.outputs["plannedSql"]), /ATTACH PARTITION/);
    assert.deepEqual(await attached(), []);
    const made = await set.make(event());
    assert.equal(made.id, "shop.event");
    assert.deepEqual(await attached(), ["event_2026_01", "event_2026_02", "event_2026_03", "event_2026_04"]);
    assert.deepEqual((await refresh(made)).outputs, made.outputs);
    assert.deepEqual(await changesOf(made), {});
    // Later on, but within the same month: nothing to do.
    assert.deepEqual(await changesOf(made, event({ asOf: "2026-03-31" })), {});
    const next = event({ asOf: "2026-04-01" });
    assert.deepEqual(await changesOf(made, next), { "partitions.event_2026_05": "add" });
    const rolled = await update(made, next);
    assert.equal((await attached()).at(-1), "event_2026_05");
    assert.deepEqual(await changesOf(rolled), {});
    const indexes = await database.sql("SELECT 1 FROM pg_partition_tree('shop.event_kind_idx')");
    assert.equal(indexes.length, 6);
  });

  test("detaches what is past its retention, keeps it for its grace, drops it empty only, and attaches it again", async () => {
    const made = await set.make(event());
    await database.sql("INSERT INTO shop.event VALUES (1, '2026-02-03', 'x')");
    const short = event({ retention: 0 });
    assert.deepEqual(await changesOf(made, short), {
      "partitions.event_2026_01": "delete",
      "partitions.event_2026_02": "delete",
    });
    const rolled = await update(made, short);
    assert.deepEqual(await attached(), ["event_2026_03", "event_2026_04"]);
    assert.ok((await isThere("event_2026_01")) && (await isThere("event_2026_02")));
    assert.deepEqual(await changesOf(await refresh(rolled)), {});
    // A longer retention takes them back, with their rows.
    const back = await update(rolled, event({ retention: 2 }));
    assert.equal((await attached()).length, 4);
    assert.deepEqual(await database.sql("SELECT id::int FROM shop.event"), [{ id: 1 }]);
    const again = await update(back, short);
    assert.deepEqual(await changesOf(again, event({ retention: 0, asOf: "2026-03-21" })), {});
    const late = event({ retention: 0, asOf: "2026-03-22" });
    assert.match(
      await warningsOf(() => changesOf(again, late)),
      /past their grace.*event_2026_02 \(detached 2026-03-15\)/,
    );
    const graced = await update(again, late);
    assert.equal(await isThere("event_2026_01"), false);
    assert.equal(await isThere("event_2026_02"), true);
    const named = event({ retention: 0, asOf: "2026-03-22", allowDataLoss: ["partition:event_2026_02"] });
    const dropped = await update(graced, named);
    assert.equal(await isThere("event_2026_02"), false);
    assert.match(await warningsOf(() => changesOf(dropped)), /nothing needs any more/);
    await assert.rejects(
      changesOf(graced, event({ retention: 0, allowDataLoss: ["partition:event_2026_99"] })),
      /no such change/,
    );
  });

  test("leaves others alone, skips what they cover, and refuses what they cover in part", async () => {
    await database.sql(`
      SET ROLE shop_owner;
      CREATE TABLE shop.wide PARTITION OF shop.event FOR VALUES FROM ('2025-06-01') TO ('2026-03-01')`);
    const warnings = await warningsOf(async () => set.create(event(), true));
    assert.match(warnings, /partitions of others, left alone: partition shop\.wide/);
    const made = await set.make(event());
    assert.deepEqual(await attached(), ["event_2026_03", "event_2026_04", "wide"]);
    const rolled = await update(made, event({ retention: 0 }));
    assert.ok((await attached()).includes("wide"));
    await set.delete(rolled.id, rolled);
    assert.deepEqual(await attached(), ["wide"]);
    await database.sql("SET ROLE shop_owner; ALTER TABLE shop.event DETACH PARTITION shop.wide");
    await database.sql(
      "ALTER TABLE shop.event ATTACH PARTITION shop.wide FOR VALUES FROM ('2026-03-10') TO ('2026-03-20')",
    );
    await assert.rejects(
      set.create(event(), true),
      /shop\.wide FOR VALUES[^]*a part of the interval is taken/,
    );
  });

  test("takes over those of others whose bounds are its own, when it is told to", async () => {
    await database.sql(`
      SET ROLE shop_owner;
      CREATE TABLE shop.mine PARTITION OF shop.event FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`);
    const made = await set.make(event({ childPolicy: "adopt" }));
    const rolled = await update(made, event({ childPolicy: "adopt", retention: 1 }));
    assert.deepEqual(await attached(), ["event_2026_02", "event_2026_03", "event_2026_04"]);
    assert.ok(await isThere("mine"));
    await update(rolled, event({ childPolicy: "adopt" }));
    assert.equal((await attached()).at(-1), "mine");
  });

  test("goes from years to months: what is there stays", async () => {
    const years = { ...event(), interval: "year", premake: 0 };
    const made = await set.make(years);
    const months = event({ asOf: "2026-12-31" });
    const rolled = await update(made, months);
    assert.deepEqual(await attached(), ["event_2026", "event_2027_01"]);
    assert.deepEqual(await changesOf(rolled), {});
  });

  test("shows a partition that somebody dropped or detached, and repairs it aloud", async () => {
    const made = await set.make(event());
    await database.sql("INSERT INTO shop.event VALUES (1, '2026-02-03', 'x')");
    await database.sql(`
      DROP TABLE shop.event_2026_01;
      ALTER TABLE shop.event DETACH PARTITION shop.event_2026_02`);
    const found = await refresh(made);
    assert.deepEqual(await changesOf(found), {
      "partitions.event_2026_01": "add",
      "partitions.event_2026_02": "add",
    });
    const warnings = await warningsOf(() => changesOf(found));
    assert.match(warnings, /shop\.event_2026_01 was dropped by somebody else: .* EMPTY/);
    assert.match(warnings, /shop\.event_2026_02 is attached again, with its rows/);
    const repaired = await update(made, made.inputs);
    assert.equal((await attached()).length, 4);
    assert.deepEqual(await database.sql("SELECT id::int FROM shop.event"), [{ id: 1 }]);
    assert.deepEqual(await changesOf(repaired), {});
  });

  test("refuses rows in the default partition with their count, and moves them when told to", async () => {
    await database.sql(`
      SET ROLE shop_owner;
      CREATE TABLE shop.rest PARTITION OF shop.event DEFAULT;
      INSERT INTO shop.event SELECT g, '2026-02-03', 'x' FROM generate_series(1, 12) AS g;
      INSERT INTO shop.event VALUES (99, '1999-01-01', 'old')`);
    await assert.rejects(set.make(event()), /partitions\.event_2026_02: 12 rows[^]*moveFromDefault: true/);
    const made = await set.make(event({ moveFromDefault: true }));
    const [row] = await database.sql("SELECT count(*)::int AS n FROM shop.event_2026_02");
    assert.deepEqual(row, { n: 12 });
    assert.deepEqual(await database.sql("SELECT count(*)::int AS n FROM shop.rest"), [{ n: 1 }]);
    // With a default partition nothing is detached concurrently.
    await update(made, event({ moveFromDefault: true, retention: 0 }));
    assert.deepEqual(await attached(), ["event_2026_03", "event_2026_04", "rest"]);
  });

  test("keeps rows that are referenced attached, says how to go on, and rolls forward all the same", async () => {
    const made = await set.make(event());
    await database.sql(`
      SET ROLE shop_owner;
      CREATE TABLE shop.note (event_id bigint, at timestamptz,
        CONSTRAINT note_fk FOREIGN KEY (event_id, at) REFERENCES shop.event);
      INSERT INTO shop.event VALUES (1, '2026-02-03', 'x');
      INSERT INTO shop.note VALUES (1, '2026-02-03')`);
    const rolled = await update(made, event({ retention: 0, premake: 2 }));
    assert.deepEqual(await attached(), ["event_2026_02", "event_2026_03", "event_2026_04", "event_2026_05"]);
    assert.deepEqual(await changesOf(rolled), {});
    assert.match(
      database.client.messages.at(-1) ?? "",
      /partitions\.event_2026_02 is past its retention and stays attached[^]*note_fk[^]*longer retention/,
    );
    await database.sql("DELETE FROM shop.note");
    await update(rolled, event({ retention: 0, premake: 2 }));
    assert.deepEqual(await attached(), ["event_2026_03", "event_2026_04", "event_2026_05"]);
  });

  test("ends a concurrent detach that was cut off, and goes on", async () => {
    const made = await set.make(event());
    await database.sql("INSERT INTO shop.event VALUES (1, '2026-01-03', 'x')");
    await database.sql(`
      UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = 'shop.event_2026_01'::regclass`);
    const rolled = await update(made, event({ retention: 1 }));
    assert.deepEqual(await attached(), ["event_2026_02", "event_2026_03", "event_2026_04"]);
    assert.deepEqual(await changesOf(await refresh(rolled)), {});
    await update(rolled, event());
    assert.equal((await attached()).length, 4);
  });

  test("is imported by the table's name, with inputs that change nothing", async () => {
    await database.sql(`
      SET ROLE shop_owner;
      CREATE TABLE shop.event_2026_01 PARTITION OF shop.event FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
      CREATE TABLE shop.event_2026_02 PARTITION OF shop.event FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
      CREATE TABLE shop.other PARTITION OF shop.event FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')`);
    const found = await set.read("shop.event");
    assert.ok(found);
    assert.deepEqual(found.inputs, {
      ...{ schema: "shop", parent: "event", interval: "month", range: { from: "2026-01-01" } },
      ...{ asOf: "2026-02-01", premake: 0 },
    });
    assert.deepEqual(await changesOf(found), {});
    const wanted = event({ asOf: "2026-03-01", premake: 0, retention: 1 });
    await update(found, wanted);
    assert.deepEqual(await attached(), ["event_2026_02", "event_2026_03", "other"]);
  });

  test("is removed: what is empty goes, what holds rows is kept, and a new set finds it again", async () => {
    const made = await set.make(event());
    await database.sql("INSERT INTO shop.event VALUES (1, '2026-02-03', 'x'), (2, '2026-03-03', 'y')");
    const named = await update(made, event()).then((known) => ({
      ...known,
      inputs: event({ allowDataLoss: ["partition:event_2026_03"] }),
    }));
    const warnings = await warningsOf(() => set.delete(named.id, named));
    assert.match(warnings, /event_2026_02 holds rows: it is detached and kept/);
    assert.deepEqual(await attached(), []);
    assert.deepEqual(await Promise.all(["event_2026_01", "event_2026_02", "event_2026_03"].map(isThere)), [
      false,
      true,
      false,
    ]);
    await set.make(event());
    assert.equal((await attached()).length, 4);
    assert.deepEqual(await database.sql("SELECT id::int FROM shop.event"), [{ id: 1 }]);
  });

  test("cuts integers", async () => {
    await database.sql(`
      SET ROLE shop_owner; CREATE TABLE shop.item (id bigint PRIMARY KEY) PARTITION BY RANGE (id)`);
    const inputs = {
      schema: "shop",
      parent: "item",
      interval: 1000,
      range: { from: "0" },
      asOf: "2500",
      premake: 1,
    };
    const made = await set.make(inputs);
    assert.deepEqual(await attached("item"), ["item_0", "item_1000", "item_2000", "item_3000"]);
    assert.deepEqual(await changesOf(await refresh(made)), {});
    const found = await set.read("shop.item");
    assert.deepEqual(found?.inputs, { ...inputs, asOf: "3000", premake: 0 });
    await set.delete(made.id, made);
    await assert.rejects(set.make({ ...event(), parent: "item" }), /id bigint[^]*calendar unit/);
  });

  test("makes 300 partitions at once, and takes leave of them", async () => {
    const made = await set.make(event({ range: { from: "2001-05-01" } }));
    assert.equal((await attached()).length, 300);
    assert.deepEqual(await changesOf(await refresh(made)), {});
    await set.delete(made.id, made);
    assert.deepEqual(await attached(), []);
  });
});
