import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { firstPasswords, loginNames, withNextMade } from "../../../../lib/password-versions.ts";
import { loginsToRotate } from "../../../../scripts/commands/rotate.ts";
import { deploy, tellsAdminRefused } from "../../../../scripts/stack/deploy.ts";
import { fakeStack } from "../../../helpers/fake-pulumi.ts";

test("those that are named are rotated, or all, or those that are begun", () => {
  assert.deepEqual(loginsToRotate(["reporting", "app"], false, firstPasswords), ["app", "reporting"]);
  assert.deepEqual(loginsToRotate([], true, firstPasswords), loginNames);
  assert.deepEqual(loginsToRotate([], false, withNextMade(firstPasswords, ["seeder"])), ["seeder"]);
});

test("a name that is no login is refused, and so is none where nothing is begun", () => {
  assert.throws(
    () => loginsToRotate(["app", "postgres"], false, firstPasswords),
    /no login is named "postgres"/,
  );
  assert.throws(() => loginsToRotate([], false, firstPasswords), /no rotation is begun/);
  assert.throws(() => loginsToRotate(["app"], true, firstPasswords), /received --all and app/);
});

const event = (message: string): string =>
  JSON.stringify({ sequence: 1, diagnosticEvent: { urn: "urn", message, severity: "error" } });

test("only the admin's password counts as refused", () => {
  const refused = (user: string): string => `password authentication failed for user "${user}" (28P01)`;
  assert.ok(tellsAdminRefused(event(refused("ecosphere_admin"))));
  assert.ok(!tellsAdminRefused(event(refused("app"))));
  assert.ok(!tellsAdminRefused("{}"));
});

test("an update that fails for another reason is not begun again", async () => {
  using stack = fakeStack('echo run >> "$FOLDER/runs"; exit 3');
  assert.equal(await deploy(stack.prepared, { asks: false }), 3);
  assert.equal(readFileSync(join(stack.prepared.folder.path, "runs"), "utf8"), "run\n");
});
