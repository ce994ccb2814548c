import assert from "node:assert/strict";
import { test } from "node:test";
import { takeStack } from "../../../../scripts/stack/arguments.ts";

test("the stack is dev when the line names none", () => {
  assert.deepEqual(takeStack(["up", "--yes"]), { stack: "dev", rest: ["up", "--yes"] });
});

test("the stack is taken from anywhere on the line, in both spellings", () => {
  for (const line of [
    ["--stack", "a", "up", "--yes"],
    ["up", "--stack", "a", "--yes"],
    ["up", "--yes", "--stack=a"],
    ["--stack=a", "up", "--yes", "--stack", "a"],
  ]) {
    assert.deepEqual(takeStack(line), { stack: "a", rest: ["up", "--yes"] });
  }
});

test("what follows a lone -- is left alone", () => {
  const line = ["psql", "--stack", "a", "--", "--stack", "b"];
  assert.deepEqual(takeStack(line), { stack: "a", rest: ["psql", "--", "--stack", "b"] });
});

test("Pulumi's short form counts behind pulumi, and only there", () => {
  assert.deepEqual(takeStack(["pulumi", "up", "-s", "a"]), { stack: "a", rest: ["pulumi", "up"] });
  assert.deepEqual(takeStack(["logs", "-s", "a"]), { stack: "dev", rest: ["logs", "-s", "a"] });
});

test("a stack without a name, and two stacks, are refused", () => {
  assert.throws(() => takeStack(["up", "--stack"]), { code: "usage" });
  assert.throws(() => takeStack(["up", "--stack="]), { code: "usage" });
  assert.throws(() => takeStack(["--stack", "a", "up", "--stack", "b"]), { code: "usage" });
});
