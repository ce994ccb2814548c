import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { projectRoot } from "../../../lib/paths.ts";
import { matchesScramVerifier } from "../../../lib/scram.ts";
import { unknown, type Properties } from "../../../provider/host/values.ts";
import { failure } from "../../../toolchain/stand-ins/postgresql/failure.ts";
import { postgresqlProvider } from "../../../toolchain/stand-ins/postgresql/provider.ts";
import { createStatement } from "../../../toolchain/stand-ins/postgresql/resources/database.ts";
import {
  grantStatement,
  quoteRoutine,
  revokeStatement,
} from "../../../toolchain/stand-ins/postgresql/resources/grant-sql.ts";
import { grantId } from "../../../toolchain/stand-ins/postgresql/resources/grant.ts";
import {
  createStatements,
  rolePropertiesOf,
  updateStatements,
} from "../../../toolchain/stand-ins/postgresql/resources/role-sql.ts";
import { parseSettings, settingsFaults } from "../../../toolchain/stand-ins/postgresql/settings.ts";
import { connectProvider } from "../../helpers/provider-client.ts";
import { standInResource } from "../../helpers/stand-in-provider.ts";

describe("the SQL of a role", () => {
  test("carries a verifier in the password's place", () => {
    const [create = ""] = createStatements({
      name: "a b",
      login: true,
      password: "it's",
      validUntil: "infinity",
      connectionLimit: 3,
    });
    const [, verifier = ""] = /PASSWORD '([^']+)'/.exec(create) ?? [];
    assert.ok(matchesScramVerifier("it's", verifier));
    assert.match(
      create,
      /^CREATE ROLE "a b" WITH PASSWORD '[^']+' VALID UNTIL 'infinity' CONNECTION LIMIT 3 NOSUPERUSER .* LOGIN /,
    );
    assert.deepEqual(createStatements({ name: "r", password: verifier })[0]?.includes(verifier), true);
  });

  test("is nothing for a role that is as it should be", () => {
    const role = {
      name: "r",
      roles: ["g"],
      validUntil: "infinity",
      login: true,
      password: "p",
      statementTimeout: 5,
    };
    assert.deepEqual(updateStatements(role, role, ["g"]), []);
  });

  test("changes what differs and no more", () => {
    const old = {
      name: "r",
      roles: ["g"],
      validUntil: "infinity",
      login: true,
      password: "p",
      statementTimeout: 5,
      searchPaths: ["a"],
    };
    const news = {
      name: "s",
      roles: ["h"],
      validUntil: "infinity",
      password: "p",
      statementTimeout: 0,
      searchPaths: ["a", "b"],
    };
    assert.deepEqual(updateStatements(old, news, ["g"]), [
      'ALTER ROLE "r" RENAME TO "s"',
      'ALTER ROLE "s" WITH NOLOGIN',
      'REVOKE "g" FROM "s"',
      'GRANT "h" TO "s"',
      'ALTER ROLE "s" SET search_path TO "a", "b"',
      'ALTER ROLE "s" RESET statement_timeout',
    ]);
  });

  test("sets a write-only password with a new version alone", () => {
    const old = { name: "r", passwordWoVersion: "1" };
    const same = { name: "r", passwordWo: "x", passwordWoVersion: "1" };
    assert.deepEqual(updateStatements(old, same, []), []);
    assert.match(updateStatements(old, { ...same, passwordWoVersion: "2" }, [])[0] ?? "", /PASSWORD 'SCRAM/);
  });

  test("reads settings that were written by hand, units and quotes included", () => {
    const row = {
      name: "r",
      connection_limit: -1,
      create_database: false,
      create_role: false,
      inherit: true,
      login: true,
      superuser: false,
      replication: false,
      bypass_rls: false,
      valid_until: "infinity",
      roles: [],
    };
    const settings = [
      "statement_timeout=30s",
      'search_path="a b", c',
      "role=boss",
      "idle_in_transaction_session_timeout=1min",
    ];
    const properties = rolePropertiesOf({ ...row, settings });
    assert.deepEqual(
      [
        properties.statementTimeout,
        properties.searchPaths,
        properties.assumeRole,
        properties.idleInTransactionSessionTimeout,
      ],
      [30_000, ["a b", "c"], "boss", 60_000],
    );
  });
});

describe("the SQL of databases and grants", () => {
  test("creates from template0 in UTF8 unless told otherwise", () => {
    assert.equal(
      createStatement({ name: "e-commerce", owner: "o", allowConnections: true, connectionLimit: -1 }),
      `CREATE DATABASE "e-commerce" OWNER "o" TEMPLATE "template0" ENCODING 'UTF8' ALLOW_CONNECTIONS true CONNECTION LIMIT -1 IS_TEMPLATE false`,
    );
    assert.match(
      createStatement({ name: "d", encoding: "default", lcCtype: "C" }),
      / ENCODING DEFAULT LC_CTYPE 'C' /,
    );
  });

  const cases: readonly (readonly [string, Properties, string | undefined, string])[] = [
    [
      "nothing for nobody",
      { objectType: "database", database: "d", privileges: [] },
      undefined,
      'REVOKE ALL PRIVILEGES ON DATABASE "d" FROM "r"',
    ],
    [
      "a schema",
      { objectType: "schema", schema: "s", privileges: ["USAGE", "CREATE"] },
      'GRANT USAGE, CREATE ON SCHEMA "s" TO "r"',
      'REVOKE ALL PRIVILEGES ON SCHEMA "s" FROM "r"',
    ],
    [
      "all tables",
      { objectType: "table", schema: "s", privileges: ["SELECT"], withGrantOption: true },
      'GRANT SELECT ON ALL TABLES IN SCHEMA "s" TO "r" WITH GRANT OPTION',
      'REVOKE ALL PRIVILEGES ON ALL TABLES IN SCHEMA "s" FROM "r"',
    ],
    [
      "some tables",
      { objectType: "table", schema: "s", privileges: ["SELECT"], objects: ["a", "b"] },
      'GRANT SELECT ON TABLE "s"."a", "s"."b" TO "r"',
      'REVOKE SELECT ON TABLE "s"."a", "s"."b" FROM "r"',
    ],
    [
      "a routine with its types",
      { objectType: "function", schema: "s", privileges: ["EXECUTE"], objects: ["f(int, text)"] },
      'GRANT EXECUTE ON FUNCTION "s"."f"(int, text) TO "r"',
      'REVOKE EXECUTE ON FUNCTION "s"."f"(int, text) FROM "r"',
    ],
    [
      "columns",
      { objectType: "column", schema: "s", privileges: ["SELECT"], objects: ["t"], columns: ["a", "b"] },
      'GRANT SELECT ("a", "b") ON TABLE "s"."t" TO "r"',
      'REVOKE SELECT ("a", "b") ON TABLE "s"."t" FROM "r"',
    ],
    [
      "a foreign server",
      { objectType: "foreign_server", privileges: ["USAGE"], objects: ["x"] },
      'GRANT USAGE ON FOREIGN SERVER "x" TO "r"',
      'REVOKE USAGE ON FOREIGN SERVER "x" FROM "r"',
    ],
  ];
  for (const [what, grant, granted, revoked] of cases) {
    test(`grants and revokes ${what}`, () => {
      assert.equal(grantStatement({ ...grant, role: "r" }), granted);
      assert.equal(revokeStatement({ ...grant, role: "r" }), revoked);
    });
  }

  test("takes no SQL in a routine's types", () => {
    assert.equal(quoteRoutine("s", "f(int); DROP TABLE x; --"), undefined);
    assert.equal(quoteRoutine("s", 'f"'), '"s"."f"""');
  });

  test("names a grant as the official plugin does, objects by their checksums", () => {
    const grant = {
      role: "r",
      database: "d",
      schema: "s",
      objectType: "column",
      objects: ["t"],
      columns: ["a", "b"],
    };
    assert.equal(grantId(grant), "r_d_s_column_t_b_a");
    assert.equal(
      grantId({ role: "public", database: "d", objectType: "database", schema: null }),
      "public_d_database",
    );
  });
});

describe("the provider's configuration", () => {
  test("takes numbers as texts, which is how the engine sends them", () => {
    const settings = parseSettings({
      host: "h",
      port: "5599",
      username: "u",
      password: "p",
      sslmode: "disable",
      connectTimeout: "7",
    });
    assert.deepEqual(settings.connection, {
      host: "h",
      port: 5599,
      database: "postgres",
      user: "u",
      password: "p",
    });
    assert.deepEqual([settings.connectTimeoutMs, settings.tls], [7000, false]);
    assert.equal(parseSettings({ port: 5600 }).connection.port, 5600);
  });

  test("verifies the server's own name or address, by the authorities in a file", () => {
    const sslrootcert = join(projectRoot, "package.json");
    const { tls } = parseSettings({ host: "127.0.0.1", sslmode: "verify-full", sslrootcert });
    assert.ok(tls);
    assert.equal(tls.host, "127.0.0.1");
    assert.equal(tls.rejectUnauthorized, undefined);
  });

  test("reports all faults and lets unknown values pass", () => {
    const config = { port: "99999", sslmode: "prefer", awsRdsIamAuth: "true", connectTimeout: "soon" };
    assert.deepEqual(
      settingsFaults(config)
        .map((fault) => fault.property)
        .sort(),
      ["awsRdsIamAuth", "connectTimeout", "port", "sslmode"],
    );
    assert.deepEqual(settingsFaults({ port: unknown, host: unknown, version: "3.18.1" }), []);
  });
});

describe("check of the postgresql stand-in", () => {
  const refused: readonly (readonly [string, Properties, readonly string[]])[] = [
    [
      "Role",
      { name: "pg_mine", password: "a", passwordWo: "b", searchPaths: ["a, b"] },
      ["name", "searchPaths", "passwordWo", "passwordWoVersion"],
    ],
    ["Schema", { name: "" }, ["name"]],
    ["Schema", { name: "s", policies: [] }, ["policies"]],
    ["Database", {}, ["name"]],
    [
      "Grant",
      { database: "d", objectType: "table", privileges: ["USAGE"], role: "r" },
      ["schema", "privileges"],
    ],
    [
      "Grant",
      { database: "d", objectType: "schema", schema: "s", objects: ["o"], privileges: ["USAGE"], role: "r" },
      ["objects"],
    ],
    [
      "Grant",
      { database: "d", objectType: "column", schema: "s", privileges: ["SELECT"], role: "r" },
      ["objects", "columns"],
    ],
    [
      "DefaultPrivileges",
      {
        database: "d",
        objectType: "schema",
        schema: "s",
        owner: "o",
        privileges: [],
        role: "public",
        withGrantOption: true,
      },
      ["schema", "withGrantOption"],
    ],
  ];
  for (const [type, inputs, faulty] of refused) {
    test(`refuses ${type} ${JSON.stringify(inputs)}`, async () => {
      await using provider = await connectProvider(postgresqlProvider());
      const { faults } = await standInResource(provider, type).check(inputs);
      assert.deepEqual(
        faults.map((fault) => fault.property),
        faulty,
      );
    });
  }

  test("lets unknown values pass, and plans with them", async () => {
    await using provider = await connectProvider(postgresqlProvider(), {});
    const grant = {
      database: unknown,
      role: unknown,
      objectType: "schema",
      schema: unknown,
      privileges: ["USAGE"],
    };
    const { inputs, faults } = await standInResource(provider, "Grant").check(grant);
    assert.deepEqual(faults, []);
    const { id, outputs } = await standInResource(provider, "Grant").create(inputs, true);
    assert.deepEqual([id, outputs.id, outputs.role], ["", unknown, unknown]);
  });

  test("marks the password as secret, in what was checked too", async () => {
    await using provider = await connectProvider(postgresqlProvider(), {});
    const checked = await standInResource(provider, "Role").check({ name: "r", password: "p" });
    assert.deepEqual([...checked.secretKeys], ["password"]);
  });

  test("describes every type it has", async () => {
    await using provider = await connectProvider(postgresqlProvider());
    const schema = z.object({
      name: z.string(),
      resources: z.record(z.string(), z.object({ inputProperties: z.object({}) })),
    });
    const { resources } = schema.parse(await provider.schema());
    assert.deepEqual(
      Object.keys(resources).map((token) => token.split(":").pop()),
      ["Role", "Database", "Schema", "Grant", "DefaultPrivileges", "Extension"],
    );
  });
});

describe("failure", () => {
  test("passes on what is no error of the server's", () => {
    const error = new Error("boom");
    assert.equal(failure("doing", error), error);
  });
});
