import assert from "node:assert/strict";
import { test } from "node:test";
import { passwordLine, psqlArguments } from "../../../../scripts/commands/psql.ts";

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
