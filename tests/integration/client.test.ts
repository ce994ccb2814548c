import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ClusterClient } from "../../lib/client/cluster-client.ts";
import { DeadlineExceeded, OutcomeUnknown } from "../../lib/client/errors.ts";
import type { ClusterClientOptions } from "../../lib/client/options.ts";
import { withClient } from "../../lib/connection.ts";
import { UserError } from "../../lib/errors.ts";
import { eventually } from "../../lib/poll.ts";
import { CuttingProxy } from "../helpers/cutting-proxy.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";
import { within } from "../helpers/timeouts.ts";

// One server, which is a primary; what several instances make of it: tests/e2e/client.test.ts.
describe("a client of a cluster", { concurrency: false }, () => {
  let server: PostgresServer;
  let proxy: CuttingProxy;
  let client: ClusterClient;
  let options: ClusterClientOptions;
  /** How often the work of the last transaction was run. */
  let runs = 0;

  const insert = (id: number): Promise<unknown> =>
    client.transaction((transaction) => {
      runs += 1;
      return transaction.query({ text: "INSERT INTO written (id) VALUES ($1)", values: [id] });
    });

  const idsThere = (): Promise<number[]> =>
    withClient(server.superuser, "client-test", async (session) => {
      const { rows } = await session.query<{ id: number }>("SELECT id FROM written ORDER BY id");
      return rows.map(({ id }) => id);
    });

  const administer = (...statements: readonly string[]): Promise<void> =>
    withClient(server.superuser, "client-test", async (session) => {
      for (const statement of statements) await session.query(statement);
    });

  before(async () => {
    server = await startPostgres();
    proxy = new CuttingProxy(server.superuser);
    const { host, database, user, password } = server.superuser;
    options = {
      ...{ database, user, password, applicationName: "client", silentAfterMs: 500 },
      instances: [{ name: "only", host, port: await proxy.listen() }],
    };
    client = new ClusterClient(options);
    await administer("CREATE TABLE written (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
  });
  beforeEach(async () => {
    runs = 0;
    proxy.arm();
    await administer("DELETE FROM written");
  });
  after(async () => {
    await client.close();
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test("writes, and reads what it has written", async () => {
    const { token, result } = await client.write("INSERT INTO written VALUES (1) RETURNING id");
    assert.deepEqual(result.rows, [{ id: 1 }]);
    const query = {
      name: "count",
      text: "SELECT count(*)::int AS n FROM written WHERE id = $1",
      values: [1],
    };
    assert.deepEqual((await client.read(query, { after: token })).rows, [{ n: 1 }]);
    assert.deepEqual((await client.read(query)).rows, [{ n: 1 }]);
    assert.deepEqual(client.counts(), { only: { reads: 2, writes: 1 } });
    assert.match(client.describe(), /^only: primary at 0\/[0-9A-F]+$/);
  });

  test("begins a transaction again whose connection is lost before COMMIT", async () => {
    proxy.arm(1);
    await insert(1);
    assert.equal(runs, 2);
    assert.deepEqual(await idsThere(), [1]);
  });

  test("does so too when the work has caught the error", async () => {
    proxy.arm(1);
    await client.transaction(async (transaction) => {
      runs += 1;
      await transaction.query("INSERT INTO written VALUES (1)").catch(() => undefined);
    });
    assert.equal(runs, 2);
    assert.deepEqual(await idsThere(), [1]);
  });

  test("does not know the outcome of a COMMIT whose answer is lost, and does not try it again", async () => {
    proxy.arm(2);
    await assert.rejects(insert(1), OutcomeUnknown);
    assert.equal(runs, 1);
    assert.deepEqual(await idsThere(), [1]);
  });

  test("tries it again when it is idempotent", async () => {
    proxy.arm(2);
    const sql = "INSERT INTO written SELECT 1 WHERE NOT EXISTS (SELECT FROM written WHERE id = 1)";
    const { result } = await client.write(sql, { idempotent: true });
    assert.equal(result.rowCount, 0);
    assert.deepEqual(await idsThere(), [1]);
  });

  test("still does not know it when another attempt fails", async () => {
    proxy.arm(2);
    const twice = client.write("INSERT INTO written VALUES (1)", { idempotent: true });
    await assert.rejects(
      twice,
      (error) => error instanceof OutcomeUnknown && /duplicate key/.test(error.message),
    );
    assert.deepEqual(await idsThere(), [1]);
  });

  test("begins a transaction again that the server has undone for another's sake", async () => {
    const fail = "DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END $$";
    await client.transaction(async (transaction) => {
      runs += 1;
      await transaction.query("INSERT INTO written VALUES (1)");
      if (runs < 3) await transaction.query(fail);
    });
    assert.equal(runs, 3);
    assert.deepEqual(await idsThere(), [1]);
  });

  test("of two serializable transactions that are in each other's way both commit in the end", async () => {
    const work = (id: number) => () =>
      client.transaction(
        async (transaction) => {
          runs += 1;
          const { rows } = await transaction.query("SELECT count(*)::int AS n FROM written");
          await pause(50);
          await transaction.query({ text: "INSERT INTO written VALUES ($1)", values: [id] });
          return rows[0]?.["n"];
        },
        { isolation: "serializable" },
      );
    const [first, second] = await Promise.all([work(1)(), work(2)()]);
    assert.deepEqual([first.result, second.result].sort(), [0, 1]);
    assert.ok(runs > 2);
  });

  test("rolls back what throws, and throws it on", async () => {
    const own = new Error("out of stock");
    const work = client.transaction(async (transaction) => {
      runs += 1;
      await transaction.query("INSERT INTO written VALUES (1)");
      throw own;
    });
    await assert.rejects(work, own);
    assert.equal(runs, 1);
    // Of somebody else's server that the work has asked, say.
    const another = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    await assert.rejects(
      client.transaction(async () => {
        runs += 1;
        throw another;
      }),
      another,
    );
    assert.equal(runs, 2);
    assert.deepEqual(await idsThere(), []);
  });

  test("passes on a refusal of COMMIT as what it is: nothing is written", async () => {
    await insert(1);
    await assert.rejects(insert(1), { code: "23505" });
    assert.equal(runs, 2);
    assert.deepEqual(await idsThere(), [1]);
  });

  test("does not take a ROLLBACK for a COMMIT", async () => {
    const isNotCommitted = (error: unknown): boolean =>
      error instanceof UserError && error.code === "not-committed";
    const swallowed = client.transaction(async (transaction) => {
      await transaction.query("INSERT INTO written VALUES (1)");
      await transaction.query("SELECT 1 / 0").catch(() => undefined);
    });
    await assert.rejects(swallowed, isNotCommitted);
    const ended = client.transaction((transaction) => transaction.query("ROLLBACK"));
    await assert.rejects(ended, isNotCommitted);
    assert.deepEqual(await idsThere(), []);
    let kept: Promise<unknown> | undefined;
    await client.transaction(async (transaction) => {
      kept = pause(20).then(() => transaction.query("SELECT 1"));
      kept.catch(() => undefined);
    });
    await assert.rejects(kept ?? Promise.resolve(), /the transaction is over/);
  });

  test("writes nothing by a read", async () => {
    const sql = "INSERT INTO written VALUES (1) RETURNING id";
    await assert.rejects(client.read(sql), { code: "25006" });
    assert.deepEqual(await idsThere(), []);
  });

  test("goes on after its sessions were ended", async () => {
    await client.read("SELECT 1");
    await administer(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'client'",
    );
    assert.equal((await client.read("SELECT 1")).rowCount, 1);
    await insert(1);
    assert.deepEqual(await idsThere(), [1]);
  });

  test("gives up what is silent, says what it saw last, and goes on when it is back", async () => {
    await server.pause();
    try {
      const read = client.read("SELECT 1", { withinMs: 1500 });
      const write = client.write("INSERT INTO written VALUES (1)", { withinMs: 1500 });
      const isLate = (error: unknown): boolean =>
        error instanceof DeadlineExceeded && /last seen: .*only: /.test(error.message);
      await Promise.all([assert.rejects(read, isLate), assert.rejects(write, isLate)]);
    } finally {
      await server.resume();
    }
    assert.deepEqual((await client.read("SELECT id FROM written")).rows, []);
  });

  test("a wrong password is told at once", async () => {
    await using other = new ClusterClient({ ...options, password: "wrong", withinMs: 60_000 });
    await assert.rejects(other.read("SELECT 1"), { code: "28P01" });
    await assert.rejects(other.write("SELECT 1"), { code: "28P01" });
  });

  test("that is closed says so, and leaves no session behind", async () => {
    const other = new ClusterClient({ ...options, applicationName: "closing" });
    await Promise.all([other.read("SELECT 1"), other.write("SELECT 1")]);
    await other.close();
    await other.close();
    await assert.rejects(other.read("SELECT 1"), /the client is closed/);
    await eventually({ what: "its sessions to end", withinMs: within.postgresStart }, () =>
      withClient(server.superuser, "client-test", async (session) => {
        const sql = "SELECT FROM pg_stat_activity WHERE application_name = 'closing'";
        return (await session.query(sql)).rowCount === 0 ? true : undefined;
      }),
    );
  });

  describe("whose commits wait for a replica that is not there", () => {
    const write = (id: number, withinMs: number): Promise<unknown> =>
      client.transaction(
        async (transaction) => {
          await transaction.query("SET LOCAL synchronous_commit = on");
          await transaction.query({ text: "INSERT INTO written VALUES ($1)", values: [id] });
        },
        { withinMs },
      );
    const cancelWait = (): Promise<true> =>
      eventually({ what: "a commit to wait", withinMs: within.postgresStart, everyMs: 20 }, () =>
        withClient(server.superuser, "client-test", async (session) => {
          const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
                           WHERE application_name = 'client' AND wait_event = 'SyncRep'`;
          return (await session.query(cancel)).rowCount === 0 ? undefined : true;
        }),
      );
    before(() =>
      administer("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()"),
    );
    after(() => administer("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()"));

    test("does not know the outcome when its time is over", async () => {
      await assert.rejects(write(1, 500), OutcomeUnknown);
      // The server has not noticed yet that nobody waits for its answer.
      await cancelWait();
    });

    test("does not take a wait that was cancelled for an acknowledgement", async () => {
      const unknown = assert.rejects(
        write(2, within.postgresStart),
        (error) => error instanceof OutcomeUnknown && /no replica has confirmed/.test(error.message),
      );
      await cancelWait();
      await unknown;
      assert.ok((await idsThere()).includes(2));
    });
  });
});
