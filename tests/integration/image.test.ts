import assert from "node:assert/strict";
import { test } from "node:test";
import { withClient } from "../../lib/connection.ts";
import { startPostgres } from "../helpers/postgres-server.ts";

test("the image's PostgreSQL starts, and answers over TCP with a password", async () => {
  await using server = await startPostgres();
  const version = await withClient(server.superuser, "test", async (client) => {
    const { rows } = await client.query<{ version: string }>("SELECT version()");
    return rows[0]?.version;
  });
  assert.match(version ?? "", /^PostgreSQL 17/);
});
