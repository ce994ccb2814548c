import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withClient } from "../../lib/connection.ts";
import { postgresVersions, startPostgres, whySkip } from "../helpers/postgres-server.ts";
import { dumpSchema } from "../helpers/schema-dump.ts";

describe("each version of PostgreSQL that the tests run on", () => {
  for (const version of postgresVersions) {
    test(`${version} starts, answers and can be dumped`, { skip: whySkip(version) }, async () => {
      await using server = await startPostgres([], version);
      const number = await withClient(server.superuser, "ecosphere-test", async (client) => {
        await client.query("CREATE SCHEMA shop; CREATE TABLE shop.t (a int NOT NULL)");
        return (await client.query<{ n: number }>("SELECT current_setting('server_version_num')::int AS n"))
          .rows[0]?.n;
      });
      assert.equal(Math.floor((number ?? 0) / 10_000), version);
      assert.match(
        await dumpSchema(server, "shop"),
        /^CREATE SCHEMA shop;\n[^]*CREATE TABLE shop\.t \(\n {4}a integer NOT NULL\n\);/,
      );
    });
  }
});
