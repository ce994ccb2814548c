import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deploy, urnOfExistingDatabase } from "../../../../scripts/stack/deploy.ts";
import { fakeStack } from "../../../helpers/fake-pulumi.ts";

const urn = "urn:pulumi:dev::ecosphere::a$postgresql:index/database:Database::commerce-e-commerce";
const event = (about: string, message: string): string =>
  JSON.stringify({ sequence: 1, diagnosticEvent: { urn: about, message, severity: "error" } });

test("finds the database that the server says exists already", () => {
  assert.equal(urnOfExistingDatabase(event(urn, "creating: database exists (42P04)")), urn);
});

test("takes neither another resource's clash nor another error of the database for it", () => {
  const role = urn.replace("database:Database", "role:Role");
  assert.equal(urnOfExistingDatabase(event(role, "already exists")), undefined);
  assert.equal(urnOfExistingDatabase(event(urn, "connection refused")), undefined);
  assert.equal(urnOfExistingDatabase("{}"), undefined);
});

test("the log of events, which holds secrets, goes into no file", async () => {
  using stack = fakeStack('echo "$*" > "$FOLDER/arguments"; exit 3');
  const { path } = stack.prepared.folder;
  const before = readdirSync(path);
  assert.equal(await deploy(stack.prepared, { asks: false }), 3);
  assert.match(readFileSync(join(path, "arguments"), "utf8"), /--event-log tcp:\/\/127\.0\.0\.1:\d+ /);
  assert.deepEqual(readdirSync(path).sort(), ["arguments", ...before].sort());
});
