import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checksAsJson, printChecks } from "../../../scripts/check/print-checks.ts";
import type { CheckReport, CheckResult } from "../../../scripts/check/run-checks.ts";

const passing: CheckResult = {
  name: "one",
  title: "All is well",
  endpoint: "ro",
  passed: true,
  detail: "nine of nine",
  faults: [],
  tables: [{ title: "SELECT 1", columns: ["number"], rows: [["a\nb"], ["x".repeat(500)]] }],
  ms: 12,
};
const failing: CheckResult = {
  name: "two",
  title: "Nothing is amiss",
  endpoint: "rw",
  passed: false,
  detail: "first fault (and 1 more)",
  faults: ["first fault", "second fault"],
  tables: [],
  ms: 3,
};
const report: CheckReport = { passed: false, checks: [passing, failing] };

describe("the report of the checks", () => {
  test("has a line for each check, every fault, and the count", () => {
    const text = print({});
    assert.match(text, /All is well +│ ro +│ pass +│ nine of nine/);
    assert.match(text, /Nothing is amiss +│ rw +│ FAIL +│ first fault \(and 1 more\)/);
    assert.match(text, /Nothing is amiss:\n {2}- first fault\n {2}- second fault\n/);
    assert.ok(text.endsWith("\n1 of 2 checks passed\n"));
  });

  test("fits the terminal, and keeps a shown row on one line", () => {
    for (const line of print({ width: 100 }).split("\n")) assert.ok(line.length <= 100, line);
    assert.match(print({}), /│ a b /);
  });

  test("is colored only when asked", () => {
    assert.ok(!print({}).includes("\u001b"));
    assert.ok(print({ color: true }).includes("\u001b[31mFAIL"));
  });

  test("is one JSON document for machines", () => {
    assert.deepEqual(JSON.parse(checksAsJson(report)), report);
  });
});

function print(options: Parameters<typeof printChecks>[2]): string {
  let text = "";
  printChecks(report, (part) => (text += part), options);
  return text;
}
