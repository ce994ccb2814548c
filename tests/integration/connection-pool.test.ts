import assert from "node:assert/strict";
import { test } from "node:test";
import { clientConfig, withClient } from "../../lib/connection.ts";
import { steadyPool } from "../../lib/connection-pool.ts";
import { startPostgres } from "../helpers/postgres-server.ts";

test("a pool outlives the loss of a connection that is lent and idle, as a failover cuts it", async () => {
  await using server = await startPostgres();
  const pool = steadyPool({ ...clientConfig(server.superuser, "pool-test"), max: 1 });
  const client = await pool.connect();
  // Without a listener this ends the process, and the test with it.
  const lost = new Promise((resolve) => client.once("end", resolve));
  await withClient(server.superuser, "killer", (killer) =>
    killer.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pool-test'",
    ),
  );
  await lost;
  await assert.rejects(client.query("SELECT 1"));
  client.release(true);
  const { rows } = await pool.query<{ one: number }>("SELECT 1 AS one");
  assert.deepEqual(rows, [{ one: 1 }]);
  await pool.end();
});
