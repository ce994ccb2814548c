import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deploy, urnOfExistingDatabase } from "../../../../scripts/stack/deploy.ts";
import { fakeStack } from "../../../helpers/fake-pulumi.ts";

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

test("the log of a run that was killed is emptied, Pulumi's own is for its user alone, and goes", async () => {
  using stack = fakeStack('stat -c "%a %s" "$FOLDER/events.json" > "$FOLDER/seen"; exit 3');
  const { path } = stack.prepared.folder;
  writeFileSync(join(path, "events.json"), event(urn, "42P04"), { mode: 0o644 });
  assert.equal(await deploy(stack.prepared, { asks: false }), 3);
  assert.equal(readFileSync(join(path, "seen"), "utf8"), "600 0\n");
  assert.ok(!existsSync(join(path, "events.json")));
});
