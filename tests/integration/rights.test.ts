import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { withClient, type Connection } from "../../lib/connection.ts";
import { startDeclaredDatabase, type DeclaredDatabase } from "../helpers/declared-database.ts";
import { cells, futureObjects, mightyRoles, strayGrants, wrongRights } from "../helpers/rights-matrix.ts";

describe("who may what, in a database as the program declares it", () => {
  let database: DeclaredDatabase;
  const sql = async (text: string, as: Connection = database.superuser): Promise<unknown[]> =>
    withClient(as, "ecosphere-test", async (client) => (await client.query<never>(text)).rows);

  before(async () => {
    database = await startDeclaredDatabase();
    await sql(futureObjects, database.admin);
  });
  after(() => database[Symbol.asyncDispose]());

  test("every role may do with every object exactly what the matrix says, with what is made later too", async () => {
    assert.ok(cells.length > 1500, `the matrix has ${cells.length} cells`);
    assert.deepEqual(await withClient(database.superuser, "ecosphere-test", wrongRights), []);
  });

  test("a right too many or too few is seen", async () => {
    await sql(
      `GRANT DELETE ON shop.users_2024 TO commerce_reader; REVOKE SELECT ON shop.later FROM commerce_reader`,
    );
    const wrong = await withClient(database.superuser, "ecosphere-test", wrongRights);
    assert.deepEqual(wrong.filter((each) => each.includes("reporting")).sort(), [
      "reporting may DELETE table shop.users_2024",
      "reporting may not SELECT table shop.later",
    ]);
    await sql(
      `REVOKE DELETE ON shop.users_2024 FROM commerce_reader; GRANT SELECT ON shop.later TO commerce_reader`,
    );
  });

  test("PUBLIC has nothing outside of the server's own schemas, and nobody may pass a right on", async () => {
    assert.deepEqual(await sql(strayGrants), []);
    await sql("CREATE FUNCTION shop.probe() RETURNS integer LANGUAGE sql RETURN 1");
    assert.deepEqual(await sql(strayGrants), [{ grantee: "-", name: "shop.probe()", verb: "EXECUTE" }]);
    await sql("DROP FUNCTION shop.probe()");
  });

  test("no role is mightier than it has to be", async () => {
    assert.deepEqual(await sql(mightyRoles), [
      { name: "ecosphere_admin", attributes: "CREATEROLE CREATEDB" },
      { name: "postgres", attributes: "SUPERUSER CREATEROLE CREATEDB REPLICATION BYPASSRLS" },
      { name: "replicator", attributes: "REPLICATION" },
    ]);
  });

  test("every login has limits, and finds names in fixed schemas alone", async () => {
    const limits = `SELECT current_setting('statement_timeout') AS statement,
      current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('search_path') AS path,
      (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS connections`;
    for (const [name, ...expected] of [
      ["app", "1min", "1min", 50],
      ["reporting", "15min", "5min", 50],
      ["seeder", "1h", "10min", 20],
      ["monitoring", "30s", "30s", 10],
    ] as const) {
      const [statement, idle, connections] = expected;
      assert.deepEqual(
        await sql(limits, database.login(name)),
        [{ statement, idle, path: "shop", connections }],
        name,
      );
    }
    const [admin] = await withClient(database.admin, "ecosphere-test", async (client) => {
      const { rows } = await client.query<{ search_path: string }>("SHOW search_path");
      return rows;
    });
    assert.equal(admin?.search_path, "public, pg_temp");
  });

  test("a statement and an idle transaction that take too long are ended by the server", async () => {
    const app = database.login("app");
    await assert.rejects(
      withClient(app, "ecosphere-test", (client) =>
        client.query("SET statement_timeout TO 50; SELECT pg_sleep(5)"),
      ),
      { code: "57014" },
    );
    const idle = withClient(app, "ecosphere-test", async (client) => {
      await client.query("SET idle_in_transaction_session_timeout TO 50; BEGIN");
      await new Promise((resolve) => setTimeout(resolve, 300));
      await client.query("SELECT 1");
    });
    await assert.rejects(idle);
  });

  test("every function that runs with another's rights has a fixed search_path", async () => {
    const definers = `SELECT p.oid::regprocedure::text AS name, p.proconfig::text AS settings FROM pg_proc p
      WHERE p.prosecdef AND p.pronamespace <> 'pg_catalog'::regnamespace`;
    assert.deepEqual(await sql(definers), []);
    assert.deepEqual(await sql(definers, database.server.superuser), [
      { name: "ecosphere.pooled_login(text)", settings: '{"search_path=pg_catalog, pg_temp"}' },
    ]);
  });

  test("no object of the shop belongs to a login", async () => {
    const owners = `SELECT DISTINCT pg_get_userbyid(relowner)::text AS owner FROM pg_class
      WHERE relnamespace IN ('shop'::regnamespace, 'seed'::regnamespace)`;
    assert.deepEqual(await sql(owners), [{ owner: "commerce_owner" }]);
  });
});
