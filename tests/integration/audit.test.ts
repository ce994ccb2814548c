import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { auditParameters } from "../../lib/cluster-config/audit.ts";
import { withClient, type Connection } from "../../lib/connection.ts";
import { eventually } from "../../lib/poll.ts";
import { startDeclaredDatabase, type DeclaredDatabase } from "../helpers/declared-database.ts";
import { runCommand } from "../helpers/ecosphere.ts";

const settings = Object.entries(auditParameters).map(([name, value]) => `${name}=${value}`);

describe("the log of a server with the cluster's settings", () => {
  let database: DeclaredDatabase;
  const run = (as: Connection, sql: string, values?: readonly unknown[]): Promise<unknown> =>
    withClient(as, "audited", (client) => client.query(sql, values ? [...values] : undefined));
  const log = async (): Promise<string> =>
    (await runCommand(["docker", "logs", database.server.container])).output;
  /** Waits until a line is there: Docker gets it a moment after the statement has ended. */
  const logged = (line: RegExp): Promise<string> =>
    eventually({ what: `the log to have ${line.source}`, withinMs: 10_000, everyMs: 50 }, async () => {
      const text = await log();
      return line.test(text) ? text : undefined;
    });

  before(async () => {
    database = await startDeclaredDatabase(settings);
  });
  after(() => database[Symbol.asyncDispose]());

  test("has every definition and every change of roles and rights, by whom and from where", async () => {
    await run(database.admin, "SET ROLE commerce_owner; CREATE TABLE shop.audited (id integer)");
    await run(database.admin, "CREATE ROLE somebody; GRANT commerce_reader TO somebody; DROP ROLE somebody");
    await run(
      database.admin,
      "SET ROLE commerce_owner; GRANT SELECT ON shop.audited TO app; DROP TABLE shop.audited",
    );
    const text = await logged(/AUDIT: SESSION,\d+,\d+,DDL,DROP TABLE/);
    for (const line of [
      /ecosphere_admin@e-commerce \S+ audited LOG: {2}AUDIT: SESSION,\d+,\d+,DDL,CREATE TABLE/,
      /AUDIT: SESSION,\d+,\d+,ROLE,CREATE ROLE/,
      /AUDIT: SESSION,\d+,\d+,ROLE,GRANT ROLE/,
      /AUDIT: SESSION,\d+,\d+,ROLE,DROP ROLE/,
      /AUDIT: SESSION,\d+,\d+,ROLE,GRANT,/,
      // The program's own: what Pulumi made is on record like anything else.
      /AUDIT: SESSION,\d+,\d+,ROLE,CREATE ROLE,,,"?CREATE ROLE ""?app""?/,
      /AUDIT: SESSION,\d+,\d+,DDL,CREATE TABLE,,,"?CREATE TABLE ""shop"".""users""/,
    ]) {
      assert.match(text, line);
    }
  });

  test("has every log-in, its end, and every refusal", async () => {
    await run(database.login("app"), "SELECT 1");
    const wrong = { ...database.login("app"), password: "wrong" };
    await assert.rejects(run(wrong, "SELECT 1"), { code: "28P01" });
    const text = await logged(/password authentication failed for user "app"/);
    assert.match(text, /connection authorized: user=app database=e-commerce application_name=audited/);
    assert.match(text, /disconnection: session time: \S+ user=app database=e-commerce/);
  });

  test("has no statement of the shop, no value of a row, and no parameter, of success or of failure", async () => {
    const app = database.login("app");
    await run(app, "INSERT INTO categories (category_name) VALUES ($1)", ["value-of-a-row"]);
    await run(app, "SELECT * FROM categories WHERE category_name = 'literal-of-a-query'");
    await assert.rejects(run(app, "SELECT $1::integer", ["parameter-of-a-failure"]));
    await assert.rejects(run(app, "SELECT 1 FROM nothing WHERE a = 'literal-of-a-failure'"));
    await run(app, "SELECT 1 AS done");
    const text = await logged(/relation "nothing" does not exist/);
    for (const secret of ["value-of-a-row", "literal-of-a-query", "literal-of-a-failure"]) {
      assert.ok(!text.includes(secret), secret);
    }
    // PostgreSQL names the value that it could not read, in the message itself.
    assert.doesNotMatch(text, /parameters: .*parameter-of-a-failure|STATEMENT:/);
  });

  test("has no password: neither the program's, nor one that somebody types in clear", async () => {
    await run(database.admin, "ALTER ROLE reporting PASSWORD 'typed-in-clear'");
    await assert.rejects(run(database.admin, "ALTER ROLE nobody_there PASSWORD 'typed-and-failed'"));
    const text = await logged(/role "nobody_there" does not exist/);
    assert.match(text, /ROLE,ALTER ROLE,,,.*<REDACTED>/);
    const passwords = ["app", "seeder", "monitoring"].map((name) => database.login(name).password);
    for (const secret of [...passwords, database.admin.password, "typed-in-clear", "typed-and-failed"]) {
      assert.ok(!text.includes(secret), secret);
    }
    assert.doesNotMatch(text, /SCRAM-SHA-256\$\d+:/);
    const probe = await run(database.superuser, "DO $$ BEGIN RAISE LOG 'typed-in-clear'; END $$");
    assert.ok(
      probe !== undefined && (await logged(/LOG: {2}typed-in-clear/)) !== "",
      "the probe itself works",
    );
  });

  test("cannot be switched off by a login, nor by the admin", async () => {
    for (const who of [database.login("app"), database.admin]) {
      for (const change of [
        "SET pgaudit.log TO 'none'",
        "SET log_min_messages TO 'panic'",
        "ALTER SYSTEM SET pgaudit.log TO 'none'",
      ]) {
        await assert.rejects(run(who, change), { code: "42501" }, change);
      }
      await assert.rejects(run(who, `ALTER ROLE CURRENT_USER SET pgaudit.log TO 'none'`), { code: "42501" });
    }
  });
});
