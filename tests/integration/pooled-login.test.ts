import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { renderPostBootstrapSql } from "../../lib/cluster-config/patroni.ts";
import { poolerRole } from "../../lib/cluster-config/topology.ts";
import { withClient, type Connection } from "../../lib/connection.ts";
import { verifierFor } from "../../lib/scram.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";

// What PgBouncer asks with; it lets in whoever has the password that fits the answer.
const lookup = "SELECT username, verifier FROM ecosphere.pooled_login($1)";

describe("the log-ins that the pooler may look up", () => {
  let server: PostgresServer;
  let pooler: Connection;
  before(async () => {
    server = await startPostgres();
    const password = randomBytes(12).toString("hex");
    await withClient(server.superuser, "test", (client) =>
      client.query(`${renderPostBootstrapSql("ecosphere_admin")}
        ALTER ROLE ${poolerRole} PASSWORD '${verifierFor(poolerRole, password)}';
        CREATE ROLE app LOGIN PASSWORD 'x';
        CREATE ROLE late LOGIN PASSWORD 'x' VALID UNTIL '2020-01-01';
        CREATE ROLE a_group PASSWORD 'x';
        CREATE ROLE boss LOGIN SUPERUSER PASSWORD 'x';
        CREATE ROLE streamer LOGIN REPLICATION PASSWORD 'x'`),
    );
    pooler = { ...server.superuser, user: poolerRole, password };
  });
  after(() => server[Symbol.asyncDispose]());

  const find = (login: string | null): Promise<{ username: string; verifier: string }[]> =>
    withClient(pooler, "test", async (client) => (await client.query<never>(lookup, [login])).rows);

  test("are those of applications, as verifiers", async () => {
    const [row, ...others] = await find("app");
    assert.equal(row?.username, "app");
    assert.match(row.verifier, /^SCRAM-SHA-256\$/);
    assert.deepEqual(others, []);
  });

  for (const login of ["boss", "streamer", "ecosphere_admin", "a_group", "late", "nobody", "", null]) {
    test(`are not that of ${JSON.stringify(login)}`, async () => {
      assert.deepEqual(await find(login), []);
    });
  }

  test("are all that the pooler sees: no table of roles, and nobody else may ask", async () => {
    await withClient(pooler, "test", async (client) => {
      await assert.rejects(client.query("SELECT * FROM pg_authid"), /permission denied/);
    });
    const app = { ...server.superuser, user: "app", password: "x" };
    await assert.rejects(
      withClient(app, "test", (client) => client.query(lookup, ["app"])),
      /permission denied/,
    );
  });
});
