import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { withClient, type Connection } from "../../lib/connection.ts";
import { UserError } from "../../lib/errors.ts";
import { eventually } from "../../lib/poll.ts";
import type { StackOutputs } from "../../lib/stack-outputs.ts";
import type { Check } from "../../scripts/check/check.ts";
import { endpoints } from "../../scripts/check/checks/endpoints.ts";
import { replicaContent } from "../../scripts/check/checks/replica-content.ts";
import { replicasRefuseWrites } from "../../scripts/check/checks/replicas-refuse-writes.ts";
import { reportQueries } from "../../scripts/check/checks/report-queries.ts";
import { replication } from "../../scripts/check/checks/replication.ts";
import { runChecks, type CheckResult } from "../../scripts/check/run-checks.ts";
import { waitForInstances } from "../../scripts/stack/cluster-ready.ts";
import { seedShop, startCommerceCluster, type CommerceCluster } from "../helpers/commerce-cluster.ts";
import {
  createCommerceDatabase,
  createCommerceRoles,
  type CommerceDatabase,
} from "../helpers/commerce-database.ts";
import { startReplica } from "../helpers/postgres-replica.ts";
import { startPostgres } from "../helpers/postgres-server.ts";
import { within } from "../helpers/timeouts.ts";

let cluster: CommerceCluster;

before(async () => {
  cluster = await startCommerceCluster();
});

after(() => cluster[Symbol.asyncDispose]());

describe("checks of replicas fail when what they say is broken", () => {
  test("replication: an instance that does not stream from the primary is named", async () => {
    await using shop = await cluster.copy();
    const stack = cluster.outputsOf(shop);
    const instances = stack.instances.map((instance, index) =>
      index === 1 ? { ...instance, name: "pg-9" } : instance,
    );
    const { faults } = await runOne(replication, { ...stack, instances });
    assert.match(
      faults[0] ?? "",
      /^waited 5 s for pg-9 to stream and replay; last seen: pg-1 sends to pg-2$/,
    );
  });

  test("replication and replica-content: a replica that stopped replaying", { timeout: 60_000 }, async () => {
    await using shop = await cluster.copy();
    await pauseReplay(true);
    try {
      await shop.sql("UPDATE shop.users SET address = 'moved' WHERE user_id = 1");
      const streaming = await runOne(replication, cluster.outputsOf(shop));
      assert.match(streaming.faults[0] ?? "", /pg-2 has its replay paused$/);
      const content = await runOne({ ...replicaContent, withinMs: 3000 }, cluster.outputsOf(shop));
      assert.match(content.faults[0] ?? "", /^did not end within 3 s$/);
    } finally {
      await pauseReplay(false);
    }
    const { passed, faults } = await run(replicaContent, shop);
    assert.ok(passed, faults.join("; "));
  });

  test("replica-content: a row that differs is named by table and key", { timeout: 120_000 }, async () => {
    await using shop = await cluster.copy();
    // A replica of another primary, with the same rows but for one.
    await using other = await startPostgres();
    const { credentials } = cluster.original.stack;
    await createCommerceRoles(other.superuser, credentials);
    await using twin = await createCommerceDatabase(other.superuser, credentials, shop.superuser.database);
    await seedShop(twin);
    await twin.sql("UPDATE shop.products SET product_price = product_price + 1 WHERE product_id = 17");
    await overtake(other.superuser, cluster.primary.superuser);
    await using stranger = await startReplica(other, "pg-2");
    const stack = cluster.outputsOf(shop);
    const instances = [
      stack.instances[0] ?? assert.fail(),
      { name: "pg-2", host: stranger.superuser.host, port: stranger.superuser.port },
    ];
    const content = await runOne(replicaContent, { ...stack, instances });
    assert.deepEqual(content.faults, ["pg-2 differs from pg-1 in products, first at product_id = 17"]);
    const where = await runOne(endpoints, { ...stack, ro: { ...stack.ro, port: stranger.superuser.port } });
    assert.deepEqual(where.faults, ["ro leads to a server of another cluster"]);
  });

  test("replica-content: a primary that never holds still is said so", async () => {
    await using shop = await cluster.copy();
    let stop = false;
    const writing = withClient(shop.superuser, "ecosphere-test", async (client) => {
      while (!stop) await client.query("UPDATE shop.inventory SET stock_quantity = stock_quantity + 1");
    });
    const { faults } = await run(replicaContent, shop);
    stop = true;
    await writing;
    assert.match(faults[0] ?? "", /^the primary did not hold still/);
  });

  test(
    "an instance that was promoted beside the primary is a split cluster",
    { timeout: 120_000 },
    async () => {
      await using shop = await cluster.copy();
      await using promoted = await startReplica(cluster.primary, "pg-3");
      await withClient(promoted.superuser, "ecosphere-test", (client) => client.query("SELECT pg_promote()"));
      const stack = cluster.outputsOf(shop);
      const { host, port } = promoted.superuser;
      const split = { ...stack, instances: [...stack.instances, { name: "pg-3", host, port }] };
      for (const check of [endpoints, replication, replicaContent, replicasRefuseWrites]) {
        const { faults } = await runOne(check, split);
        assert.deepEqual(faults, ["pg-1 and pg-3 both take writes: the cluster is split"], check.name);
      }
    },
  );

  test("report-queries: WAL that lies on the disk up to the middle of a record holds nothing up", async () => {
    await using shop = await cluster.copy();
    await withClient(shop.superuser, "ecosphere-test", async (client) => {
      // As when a reader tidies a page up: a record as long as a page, in a transaction that goes on.
      await client.query("BEGIN");
      const { rows } = await client.query<{ end: string }>(
        "SELECT pg_logical_emit_message(false, 'filler', repeat('x', 20000))::text AS end",
      );
      // Meanwhile the server's writer puts whole pages onto the disk, and no more.
      await eventually({ what: "the record's first pages", withinMs: within.replicaStreaming }, async () => {
        const flushed = await client.query<{ isPart: boolean }>(
          'SELECT pg_current_wal_flush_lsn() > $1::pg_lsn - 10000 AS "isPart"',
          [rows[0]?.end],
        );
        return flushed.rows[0]?.isPart ? true : undefined;
      });
      const { passed, faults } = await run(reportQueries, shop);
      assert.ok(passed, faults.join("; "));
    });
  });

  test("replicas-refuse-writes: one that calls itself a replica, and takes writes", async () => {
    await using shop = await cluster.copy();
    await using other = await startPostgres();
    const { credentials } = cluster.original.stack;
    await createCommerceRoles(other.superuser, credentials);
    await using writable = await createCommerceDatabase(
      other.superuser,
      credentials,
      shop.superuser.database,
    );
    // In front of the server's own function, for the role that asks which one is the primary.
    await writable.sql(`
      CREATE SCHEMA shim;
      CREATE FUNCTION shim.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true';
      GRANT USAGE ON SCHEMA shim TO monitoring;
      ALTER ROLE monitoring SET search_path TO shim, pg_catalog`);
    const stack = cluster.outputsOf(shop);
    const { host, port } = writable.superuser;
    const instances = [...stack.instances, { name: "pg-3", host, port }];
    const { passed, faults } = await runOne(replicasRefuseWrites, { ...stack, instances });
    assert.equal(passed, false);
    assert.deepEqual(faults, ["pg-3: an INSERT was not refused"]);
    const rows = await withClient(writable.superuser, "ecosphere-test", (client) =>
      client.query("SELECT FROM shop.categories"),
    );
    assert.equal(rows.rowCount, 0, "the attempt leaves nothing");
    assert.ok((await run(replicasRefuseWrites, shop)).passed);
  });

  test("an instance that cannot be reached is named", async () => {
    await using shop = await cluster.copy();
    const stack = cluster.outputsOf(shop);
    const gone = { ...stack, instances: [...stack.instances, { name: "pg-3", host: "127.0.0.1", port: 1 }] };
    for (const check of [replication, replicaContent, replicasRefuseWrites]) {
      const { faults } = await runOne(check, gone);
      assert.match(faults[0] ?? "", /^pg-3 cannot be reached \(.*ECONNREFUSED/, check.name);
    }
  });
});

describe("a deployment has ended", () => {
  const notWhole = async (stack: StackOutputs, seen: RegExp): Promise<void> => {
    const told: string[] = [];
    const waiting = waitForInstances(stack, (gap) => told.push(gap), 0);
    await assert.rejects(waiting, (error) => {
      assert.ok(error instanceof UserError && error.code === "timeout");
      assert.match(error.message, /^waited 0 s for all instances to be at work; last seen: /);
      assert.match(error.message, seen);
      return true;
    });
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", seen);
  };

  test("a cluster that is whole is not waited for", async () => {
    const told: string[] = [];
    for (const stack of [cluster.outputsOf(cluster.original), cluster.original.stack])
      await waitForInstances(stack, (gap) => told.push(gap), 0);
    assert.deepEqual(told, []);
  });

  test("a primary that is gone, in recovery, or none of the instances is waited for, and told", async () => {
    const stack = cluster.outputsOf(cluster.original);
    const [primary, replica] = stack.instances;
    assert.ok(primary && replica);
    await notWhole({ ...stack, rw: { ...stack.rw, port: 1 } }, /rw does not answer: .*ECONNREFUSED/);
    await notWhole({ ...stack, rw: stack.ro }, /rw leads to a replica$/);
    await notWhole({ ...stack, admin: stack.ro }, /admin leads to a replica$/);
    await notWhole({ ...stack, instances: [replica] }, /the primary is none of the stack's instances$/);
    await notWhole({ ...stack, ro: stack.rw }, /ro leads to the primary$/);
  });

  test("a replica that does not stream is waited for, and told", async () => {
    const stack = cluster.outputsOf(cluster.original);
    const [primary, replica] = stack.instances;
    assert.ok(primary && replica);
    const unknown = { ...replica, name: "pg-9" };
    await notWhole(
      { ...stack, instances: [primary, unknown] },
      /the primary is one of pg-1, pg-9, and streams to pg-2$/,
    );
    await notWhole({ ...stack, instances: [replica, unknown] }, /pg-9 does not stream$/);
  });
});

async function run(check: Check, shop: CommerceDatabase): Promise<CheckResult> {
  return runOne(check, cluster.outputsOf(shop));
}

async function runOne(check: Check, stack: StackOutputs): Promise<CheckResult> {
  const { checks } = await runChecks(stack, { checks: [check] });
  return checks[0] ?? assert.fail("the check did not run");
}

async function pauseReplay(paused: boolean): Promise<void> {
  await withClient(cluster.replica.superuser, "ecosphere-test", (client) =>
    client.query(`SELECT pg_wal_replay_${paused ? "pause" : "resume"}()`),
  );
}

/** Moves a server's WAL on until it is ahead of another's, a segment at a time. */
async function overtake(behind: Connection, ahead: Connection): Promise<void> {
  const lsn = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS bytes";
  const goal = await withClient(ahead, "ecosphere-test", async (client) => {
    const { rows } = await client.query<{ bytes: string }>(lsn);
    return Number(rows[0]?.bytes);
  });
  await withClient(behind, "ecosphere-test", async (client) => {
    for (let bytes = 0; bytes <= goal;) {
      await client.query("SELECT pg_logical_emit_message(true, 'filler', ''), pg_switch_wal()");
      const { rows } = await client.query<{ bytes: string }>(lsn);
      bytes = Number(rows[0]?.bytes);
    }
  });
}
