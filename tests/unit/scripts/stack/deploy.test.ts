import assert from "node:assert/strict";
import { test } from "node:test";
import { urnOfExistingDatabase } from "../../../../scripts/stack/deploy.ts";

const urn = "urn:pulumi:dev::ecosphere::a$postgresql:index/database:Database::commerce-e-commerce";
const event = (about: string, message: string): string =>
  JSON.stringify({ sequence: 1, diagnosticEvent: { urn: about, message, severity: "error" } });

test("finds the database that the server says exists already", () => {
  const log = ["{}", event(urn, "creating: database exists (42P04)"), ""].join("\n");
  assert.equal(urnOfExistingDatabase(log), urn);
});

test("takes neither another resource's clash nor another error of the database for it", () => {
  const role = urn.replace("database:Database", "role:Role");
  assert.equal(urnOfExistingDatabase(event(role, "already exists")), undefined);
  assert.equal(urnOfExistingDatabase(event(urn, "connection refused")), undefined);
  assert.equal(urnOfExistingDatabase(""), undefined);
});
