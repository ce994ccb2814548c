import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../../../lib/errors.ts";
import { isLogOf, refuseProtected } from "../../../../scripts/commands/destroy.ts";

const open = { urn: "urn:a", protect: false };
const guarded = { urn: "urn:b", protect: true };
const refusal = (byConfig: boolean, resources: readonly (typeof open)[]): string => {
  try {
    refuseProtected("blue", byConfig, resources);
  } catch (error) {
    assert.ok(error instanceof UserError);
    return `${error.message}\n${error.hint ?? ""}`;
  }
  return "";
};

test("an unprotected stack may be destroyed", () => {
  assert.equal(refusal(false, [open]), "");
});

test("a stack that is protected by its configuration is refused, with every command that it takes", () => {
  assert.match(
    refusal(true, [open, guarded]),
    /config set protect false --stack blue\n.*ecosphere up --stack blue.*\n.*ecosphere destroy --stack blue/,
  );
});

test("resources that are still protected need an update first", () => {
  const text = refusal(false, [open, guarded]);
  assert.match(text, /1 protected resource/);
  assert.match(text, /ecosphere up --stack blue/);
  assert.doesNotMatch(text, /config set/);
});

test("the logs of a stack whose name begins alike are not taken for its own", () => {
  assert.equal(isLogOf("blue", "organization+ecosphere+blue-20261122T132916.log"), true);
  assert.equal(isLogOf("blue", "organization+ecosphere+blue-2-20261122T132916.log"), false);
  assert.equal(isLogOf("blue", "organization+ecosphere+sky-blue-20261122T132916.log"), false);
});
