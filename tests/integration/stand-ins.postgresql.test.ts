import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { withClient, type Connection } from "../../lib/connection.ts";
import { projectRoot } from "../../lib/paths.ts";
import { matchesScramVerifier } from "../../lib/scram.ts";
import type { Properties } from "../../provider/host/values.ts";
import { createClusterAdmin } from "../helpers/cluster-admin.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";
import { connectPlugin, type ProviderClient, type ResourceClient } from "../helpers/provider-client.ts";
import { connectStandIn, standInConfig, standInResource } from "../helpers/stand-in-provider.ts";

// As an admin that is no superuser: what works here works for a superuser too.
describe("the postgresql stand-in", { timeout: 180_000 }, () => {
  let server: PostgresServer;
  let provider: ProviderClient;
  let admin: Connection;
  const of = (type: string): ResourceClient => standInResource(provider, type);
  const sql = async (text: string, as: Connection = server.superuser): Promise<Properties[]> =>
    withClient(as, "ecosphere-test", async (client) => (await client.query<Properties>(text)).rows);
  const inShop = (connection: Connection): Connection => ({ ...connection, database: "shop" });

  before(async () => {
    server = await startPostgres();
    admin = await createClusterAdmin(server);
    provider = await connectStandIn(admin);
    for (const name of ["shop_owner", "shop_reader", "shop_writer"]) await of("Role").make({ name });
    await of("Database").make({
      name: "shop",
      owner: "shop_owner",
      template: "template0",
      lcCollate: "C.UTF-8",
      lcCtype: "C.UTF-8",
    });
    await of("Schema").make({ name: "sales", database: "shop", owner: "shop_owner" });
  });
  after(async () => {
    await provider[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test("makes a role that can log in, with its settings and memberships, and stores only a verifier", async () => {
    const made = await of("Role").make({
      name: "app",
      login: true,
      password: "s3cr3t'\\",
      roles: ["shop_writer", "shop_reader"],
      connectionLimit: 5,
      statementTimeout: 30_000,
      idleInTransactionSessionTimeout: 60_000,
      searchPaths: ["sales", "odd name"],
    });
    assert.deepEqual(made.outputs.roles, ["shop_reader", "shop_writer"]);
    const [stored] = await sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'app'");
    assert.ok(
      matchesScramVerifier("s3cr3t'\\", typeof stored?.rolpassword === "string" ? stored.rolpassword : ""),
    );
    // The bootstrap lets nobody but the admin in; a right of its own would keep the role from being dropped.
    await sql("GRANT CONNECT ON DATABASE postgres TO PUBLIC");
    const session = { ...server.superuser, user: "app", password: "s3cr3t'\\" };
    const [settings] = await sql(
      "SELECT current_setting('statement_timeout') AS t, current_setting('search_path') AS p, current_setting('idle_in_transaction_session_timeout') AS i",
      session,
    );
    assert.deepEqual(settings, { t: "30s", p: 'sales, "odd name"', i: "1min" });

    const old = { inputs: made.inputs, outputs: made.outputs };
    const { inputs: news } = await of("Role").check({
      name: "app_2",
      login: true,
      password: "other",
      roles: ["shop_reader"],
    });
    const updated = await of("Role").update(made.id, old, news);
    assert.deepEqual(
      [updated.outputs.id, updated.outputs.roles, updated.outputs.statementTimeout],
      ["app_2", ["shop_reader"], 0],
    );
    assert.deepEqual(
      await sql("SELECT current_user AS who, current_setting('search_path') AS p", {
        ...session,
        user: "app_2",
        password: "other",
      }),
      [{ who: "app_2", p: '"$user", public' }],
    );
    await of("Role").delete("app_2", updated);
    assert.equal(await of("Role").read("app_2", updated), undefined);
    await of("Role").delete("app_2", updated);
  });

  test("keeps the password out of errors", async () => {
    await assert.rejects(
      of("Role").make({ name: "shop_owner", login: true, password: "hush-hush" }),
      (error: Error) => {
        assert.match(error.message, /role "shop_owner" already exists \(42710\)/);
        assert.doesNotMatch(error.message, /hush|SCRAM/);
        return true;
      },
    );
  });

  test("gives monitoring by a role of the server's own", async () => {
    const made = await of("Role").make({ name: "watcher", roles: ["pg_monitor"] });
    assert.deepEqual(made.outputs.roles, ["pg_monitor"]);
    await of("Role").delete(made.id, made);
  });

  test("hands over what a role owns when it is deleted, and leaves the role when told to", async () => {
    const made = await of("Role").make({ name: "leaver", skipDropRole: true });
    await sql("CREATE TABLE left_behind (a int); ALTER TABLE left_behind OWNER TO leaver");
    await of("Role").delete(made.id, made);
    assert.deepEqual(await sql("SELECT tableowner FROM pg_tables WHERE tablename = 'left_behind'"), [
      { tableowner: "ecosphere_admin" },
    ]);
    assert.ok(await of("Role").read(made.id, made), "skipDropRole leaves it");
    await of("Role").delete(made.id, { ...made, outputs: { ...made.outputs, skipDropRole: false } });
    assert.equal(await of("Role").read(made.id, made), undefined);
  });

  test("names what keeps a role from being dropped", async () => {
    const made = await of("Role").make({ name: "stuck" });
    await sql(
      "CREATE TABLE sales.kept (a int); GRANT SELECT ON sales.kept TO stuck",
      inShop(server.superuser),
    );
    await assert.rejects(of("Role").delete(made.id, made), /\(2BP01\)\n.*in database shop/);
    await sql("DROP TABLE sales.kept", inShop(server.superuser));
    await of("Role").delete(made.id, made);
  });

  test("answers 42P04 to a database that exists; imported, it is what the program wants", async () => {
    const wanted = { name: "shop", owner: "shop_owner", template: "template0" };
    await assert.rejects(of("Database").make(wanted), /database "shop" already exists \(42P04\)/);
    const imported = await of("Database").read("shop");
    assert.ok(imported);
    assert.deepEqual(imported.inputs, {
      __defaults: [],
      alterObjectOwnership: null,
      encoding: "UTF8",
      lcCollate: "C.UTF-8",
      lcCtype: "C.UTF-8",
      name: "shop",
      owner: "shop_owner",
      tablespaceName: "pg_default",
      template: "template0",
    });
    const { inputs } = await of("Database").check(wanted);
    assert.deepEqual((await of("Database").diff("shop", imported, inputs)).changes, {});
    assert.equal(await of("Database").read("no_such"), undefined);
  });

  test("changes a database in place, and drops it with sessions in it", async () => {
    const made = await of("Database").make({ name: "brief" });
    assert.equal(made.outputs.owner, "ecosphere_admin");
    await of("Schema").make({ name: "inner", database: "brief" });
    const { inputs } = await of("Database").check({
      name: "brief_2",
      connectionLimit: 3,
      isTemplate: true,
      owner: "shop_owner",
    });
    const updated = await of("Database").update(made.id, made, inputs);
    assert.deepEqual(
      [
        updated.outputs.id,
        updated.outputs.connectionLimit,
        updated.outputs.isTemplate,
        updated.outputs.owner,
      ],
      ["brief_2", 3, true, "shop_owner"],
    );
    await of("Database").delete("brief_2", updated);
    assert.equal(await of("Database").read("brief_2", updated), undefined);
    assert.equal(
      await of("Schema").read("brief_2.inner", {
        inputs: {},
        outputs: { name: "inner", database: "brief_2" },
      }),
      undefined,
    );
    await of("Database").delete("brief_2", updated);
  });

  test("takes over a schema that exists, and gives it to the owner", async () => {
    await sql("CREATE SCHEMA taken AUTHORIZATION shop_writer", inShop(server.superuser));
    const made = await of("Schema").make({ name: "taken", database: "shop", owner: "shop_owner" });
    assert.equal(made.outputs.owner, "shop_owner");
    await sql("CREATE TABLE taken.t (a int)", inShop(server.superuser));
    await assert.rejects(of("Schema").delete(made.id, made), /\(2BP01\)/);
    await of("Schema").delete(made.id, { ...made, outputs: { ...made.outputs, dropCascade: true } });
    assert.equal(await of("Schema").read(made.id, made), undefined);
  });

  test("takes every right on the database and the public schema from everybody", async () => {
    const database = await of("Grant").make({
      database: "shop",
      objectType: "database",
      privileges: [],
      role: "public",
    });
    const schema = await of("Grant").make({
      database: "shop",
      objectType: "schema",
      schema: "public",
      privileges: [],
      role: "public",
    });
    assert.deepEqual([database.id, schema.id], ["public_shop_database", "public_shop_public_schema"]);
    assert.deepEqual(
      await sql(
        "SELECT has_database_privilege('shop_reader', 'shop', 'CONNECT') AS c, has_schema_privilege('shop_reader', 'public', 'USAGE') AS u",
        inShop(server.superuser),
      ),
      [{ c: false, u: false }],
    );
  });

  test("shows drift of a grant on one table, and repairs it", async () => {
    await sql(
      "CREATE TABLE sales.a (i int); CREATE TABLE sales.b (i int); ALTER TABLE sales.a OWNER TO shop_owner; ALTER TABLE sales.b OWNER TO shop_owner",
      inShop(server.superuser),
    );
    const grant = {
      database: "shop",
      objectType: "table",
      schema: "sales",
      privileges: ["SELECT", "INSERT"],
      role: "shop_reader",
    };
    const made = await of("Grant").make(grant);
    await sql("REVOKE INSERT ON sales.b FROM shop_reader", inShop(server.superuser));
    const drifted = await of("Grant").read(made.id, made);
    assert.deepEqual(drifted?.outputs.privileges, ["SELECT"]);
    const { inputs } = await of("Grant").check(grant);
    assert.ok(drifted);
    assert.deepEqual((await of("Grant").diff(made.id, drifted, inputs)).changes, { privileges: "update" });
    const repaired = await of("Grant").update(made.id, drifted, inputs);
    assert.deepEqual((await of("Grant").read(made.id, repaired))?.outputs.privileges, ["INSERT", "SELECT"]);
    await of("Grant").delete(made.id, repaired);
    assert.deepEqual(
      await sql(
        "SELECT has_table_privilege('shop_reader', 'sales.a', 'SELECT') AS s",
        inShop(server.superuser),
      ),
      [{ s: false }],
    );
  });

  test("replaces a grant for another grantee, the old one first", async () => {
    const made = await of("Grant").make({
      database: "shop",
      objectType: "schema",
      schema: "sales",
      privileges: ["USAGE"],
      role: "shop_reader",
    });
    const { inputs } = await of("Grant").check({ ...made.inputs, role: "shop_writer" });
    assert.deepEqual(await of("Grant").diff(made.id, made, inputs), {
      changes: { role: "update-replace" },
      replaces: ["role"],
      deleteBeforeReplace: true,
    });
    await of("Grant").delete(made.id, made);
  });

  test("grants what an owner will create", async () => {
    const common = { database: "shop", schema: "sales", owner: "shop_owner" };
    const made = await of("DefaultPrivileges").make({
      ...common,
      objectType: "table",
      privileges: ["SELECT"],
      role: "shop_reader",
    });
    assert.equal(made.id, "shop_reader_shop_sales_shop_owner_table");
    await of("DefaultPrivileges").make({
      database: "shop",
      owner: "shop_owner",
      objectType: "function",
      privileges: [],
      role: "public",
    });
    await sql(
      "SET ROLE shop_owner; CREATE TABLE sales.later (a int); CREATE FUNCTION sales.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      inShop(admin),
    );
    assert.deepEqual(
      await sql(
        "SELECT has_table_privilege('shop_reader', 'sales.later', 'SELECT') AS t, has_function_privilege('shop_reader', 'sales.f()', 'EXECUTE') AS f",
        inShop(server.superuser),
      ),
      [{ t: true, f: false }],
    );
    await of("DefaultPrivileges").delete(made.id, made);
    assert.equal(await of("DefaultPrivileges").read(made.id, made), undefined);
  });

  test("installs a trusted extension, and names one that the server does not have", async () => {
    const made = await of("Extension").make({ name: "pg_trgm", database: "shop", schema: "sales" });
    assert.deepEqual([made.id, made.outputs.schema], ["shop.pg_trgm", "sales"]);
    const imported = await of("Extension").read("shop.pg_trgm");
    assert.equal(imported?.outputs.version, made.outputs.version);
    await of("Extension").delete(made.id, made);
    assert.equal(await of("Extension").read(made.id, made), undefined);
    await assert.rejects(of("Extension").make({ name: "nope", database: "shop" }), /nope.*\(0A000\)/s);
  });

  test("makes twenty grants at once from two providers on the same objects", async () => {
    await using other = await connectStandIn(admin);
    const grants = Array.from({ length: 10 }, (_, n) =>
      n % 2 === 0 ? "shop_reader" : "shop_writer",
    ).flatMap((role) =>
      [provider, other].map((one) =>
        standInResource(one, "Grant").make({
          database: "shop",
          objectType: "schema",
          schema: "sales",
          privileges: ["USAGE"],
          role,
        }),
      ),
    );
    assert.equal((await Promise.all(grants)).length, 20);
  });

  test("refuses another type with the command that gets the official plugin", async () => {
    await assert.rejects(
      provider.resource("postgresql:index/subscription:Subscription").check({}),
      /pulumi plugin install resource postgresql 3\.18\.1/,
    );
  });

  test("runs as the plugin that the engine starts", async () => {
    const executable = join(projectRoot, "toolchain/stand-ins/postgresql/pulumi-resource-postgresql");
    await using plugin = await connectPlugin(executable, "postgresql");
    await plugin.configure(standInConfig(admin, 20));
    assert.equal((await standInResource(plugin, "Role").read("shop_owner"))?.id, "shop_owner");
  });
});
