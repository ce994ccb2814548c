import assert from "node:assert/strict";
import { test } from "node:test";
import {
  passwordLine,
  psqlArguments,
  verification,
  withoutConnection,
} from "../../../../scripts/commands/psql.ts";

const connection = {
  host: "127.0.0.1",
  port: 6432,
  database: "e-commerce",
  user: "app",
  password: String.raw`p:a\ss`,
};

test("a password file's line escapes what separates its fields", () => {
  assert.equal(passwordLine(connection), String.raw`127.0.0.1:6432:e-commerce:app:p\:a\\ss` + "\n");
});

test("the password is no argument", () => {
  assert.ok(psqlArguments(connection).every((argument) => !argument.includes(connection.password)));
});

test("the server of a stack with TLS is verified, by name and authority", () => {
  assert.deepEqual(verification({ ca: "PEM" }, "/ca.pem"), {
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: "/ca.pem",
  });
  assert.deepEqual(verification({}, ""), {});
});

test("no connection of the user's own gets in the way; how psql shows things stays", () => {
  const own = [
    "PASSWORD",
    "HOSTADDR",
    "SERVICE",
    "SERVICEFILE",
    "SSLMODE",
    "OPTIONS",
    "PASSFILE",
    "REQUIREAUTH",
  ];
  const kept = { PATH: "/bin", PAGER: "less", PSQL_HISTORY: "/h", PGCLIENTENCODING: "UTF8", PGTZ: "UTC" };
  const env = { ...kept, ...Object.fromEntries(own.map((name) => [`PG${name}`, "x"])) };
  assert.deepEqual(withoutConnection(env), kept);
});
