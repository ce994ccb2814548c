import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { Client } from "pg";
import { withClient } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import { eventually } from "../../lib/poll.ts";
import type { Properties } from "../../provider/host/values.ts";
import { readPartitionSet } from "../../provider/pgddl/catalogue/partition-sets.ts";
import { createProvider } from "../../provider/pgddl/provider.ts";
import type { Session } from "../../provider/pgddl/server/database.ts";
import { CuttingProxy } from "../helpers/cutting-proxy.ts";
import { startPgddl, type Made, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { connectProvider, type ProviderClient, type ResourceClient } from "../helpers/provider-client.ts";
import { within } from "../helpers/timeouts.ts";

describe("a partition set whose connection is cut", () => {
  let pgddl: PgddlDatabase;
  let proxy: CuttingProxy;
  let client: ProviderClient;
  let set: ResourceClient;
  const provider = createProvider();
  before(async () => {
    pgddl = await startPgddl();
    const { host, port, database } = pgddl.server.superuser;
    proxy = new CuttingProxy({ host, port });
    const address = { host: "127.0.0.1", port: String(await proxy.listen()), database };
    client = await connectProvider(provider, { ...address, username: "ddl_admin", password: pgddl.password });
    set = client.resource("pgddl:index:PartitionSet", "a-set");
  });
  after(async () => {
    await client[Symbol.asyncDispose]();
    await provider.close();
    await proxy[Symbol.asyncDispose]();
    await pgddl[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    proxy.arm();
    await pgddl.sql(`
      DROP SCHEMA shop CASCADE; CREATE SCHEMA shop AUTHORIZATION shop_owner; SET ROLE shop_owner;
      CREATE TABLE shop.event (at date NOT NULL) PARTITION BY RANGE (at)`);
  });

  const event = (more: Properties = {}): Properties => ({
    ...{ schema: "shop", parent: "event", interval: "month", range: { from: "2026-01-01" } },
    ...{ asOf: "2026-03-15", premake: 0 },
    ...more,
  });
  /** Two new, two that leave, one of them with rows. */
  const rolled = event({ asOf: "2026-05-15", retention: 2 });
  const prepare = async (): Promise<Made> => {
    await pgddl.sql(`
      DROP TABLE IF EXISTS shop.event, shop.event_2026_01, shop.event_2026_02; SET ROLE shop_owner;
      CREATE TABLE shop.event (at date NOT NULL) PARTITION BY RANGE (at)`);
    const made = await set.make(event());
    await pgddl.sql("INSERT INTO shop.event VALUES ('2026-01-03'), ('2026-03-03')");
    return made;
  };
  /** As the engine does: what the state holds is read anew, then brought to what is wanted. */
  const update = async (made: Made, inputs: Properties): Promise<Made> => {
    const found = await set.read(made.id, made);
    assert.ok(found);
    const { outputs } = await set.update(found.id, found, inputs);
    return { id: found.id, inputs, outputs };
  };
  const assertDone = async (made: Made, point: string): Promise<void> => {
    const found = await set.read(made.id, made);
    assert.ok(found);
    assert.deepEqual((await set.diff(found.id, found, made.inputs)).changes, {}, point);
    const attached = await pgddl.sql<{ name: string }>(`
      SELECT inhrelid::regclass::text AS name FROM pg_inherits
       WHERE inhparent = 'shop.event'::regclass AND NOT inhdetachpending ORDER BY 1`);
    assert.deepEqual(
      attached.map(({ name }) => name),
      ["shop.event_2026_03", "shop.event_2026_04", "shop.event_2026_05"],
      point,
    );
    const marks = await pgddl.sql<{ mark: string }>(`
      SELECT obj_description(oid, 'pg_class') AS mark FROM pg_class
       WHERE relname IN ('event_2026_01', 'event_2026_02') ORDER BY relname`);
    for (const { mark } of marks)
      assert.match(mark, /^pgddl partition set shop\.event: .* detached 2026-05-15$/);
    assert.equal(marks.length, 2, point);
    assert.deepEqual(await pgddl.sql("SELECT count(*)::int AS n FROM shop.event_2026_01"), [{ n: 1 }], point);
  };

  test("after any statement of a roll: the next update ends it", async (context) => {
    await update(await prepare(), rolled).then((made) => assertDone(made, "uncut"));
    const start = await prepare();
    proxy.arm();
    await update(start, rolled);
    const points = [...proxy.done];
    context.diagnostic(`${points.length} points`);
    for (const [at, point] of points.entries()) {
      const made = await prepare();
      proxy.arm(at + 1);
      await assert.rejects(update(made, rolled), (error: unknown) => messageOf(error) !== "");
      proxy.arm();
      await assertDone(await update(made, rolled), `cut after ${point}`);
    }
  });

  test("after any statement of its create: the next one goes on", async () => {
    await set.make(event());
    const points = proxy.done.length;
    for (let at = 1; at <= points; at += 1) {
      await pgddl.sql(`
        DROP TABLE shop.event; SET ROLE shop_owner;
        CREATE TABLE shop.event (at date NOT NULL) PARTITION BY RANGE (at)`);
      proxy.arm(at);
      await set.make(event()).catch(() => undefined);
      proxy.arm();
      const made = await set.make(event());
      assert.deepEqual((await set.diff(made.id, made, made.inputs)).changes, {});
    }
  });

  test("in the middle of a concurrent detach: the next update ends it", async () => {
    const made = await prepare();
    await withClient(pgddl.server.superuser, "ecosphere-test", async (holder) => {
      await holder.query("BEGIN; LOCK TABLE ONLY shop.event IN ACCESS SHARE MODE");
      const work = assert.rejects(update(made, rolled), /terminat/i);
      await eventually({ what: "the detach to wait", withinMs: within.lockSeen, everyMs: 20 }, async () => {
        const ended = await pgddl.sql(`
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'pgddl' AND query LIKE '%CONCURRENTLY' AND cardinality(pg_blocking_pids(pid)) > 0`);
        return ended.length > 0 ? true : undefined;
      });
      await work;
      await holder.query("ROLLBACK");
    });
    assert.equal((await pgddl.sql("SELECT 1 FROM pg_inherits WHERE inhdetachpending")).length, 1);
    await assertDone(await update(made, rolled), "ended");
  });

  test("300 partitions are read by as many queries as three", async () => {
    const read = async (): Promise<{ readonly queries: number; readonly members: number }> => {
      const connection = new Client(pgddl.server.superuser);
      await connection.connect();
      let queries = 0;
      const session: Session = {
        query: async <Row extends object>(sql: string, values: readonly unknown[] = []) => {
          queries += 1;
          return (await connection.query<Row & Record<string, unknown>>(sql, [...values])).rows;
        },
      };
      try {
        const live = await readPartitionSet(session, "shop", "event");
        return { queries, members: live?.members.length ?? 0 };
      } finally {
        await connection.end();
      }
    };
    const made = await set.make(event());
    assert.deepEqual(await read(), { queries: 3, members: 3 });
    await update(made, event({ range: { from: "2001-04-01" } }));
    assert.deepEqual(await read(), { queries: 3, members: 300 });
  });
});
