import assert from "node:assert/strict";
import { test } from "node:test";
import { sum } from "../../../../scripts/commands/test.ts";

test("counts add up", () => {
  const results = [
    { passed: 1, failed: 0 },
    { passed: 40, failed: 2 },
  ];
  assert.deepEqual(sum(results), { passed: 41, failed: 2 });
});

test("a part without any test has failed", () => {
  const results = [
    { passed: 3, failed: 0 },
    { passed: 0, failed: 0 },
  ];
  assert.deepEqual(sum(results), { passed: 3, failed: 1 });
});
