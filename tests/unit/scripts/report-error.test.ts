import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../../lib/errors.ts";
import { reportError } from "../../../scripts/report-error.ts";

test("a user's error is its message and its hint, without a stack", () => {
  assert.deepEqual(reportError(new UserError("x", "it broke", "do this\nor that")), {
    text: "error: it broke\n  do this\n  or that\n",
    exitCode: 1,
  });
  assert.equal(reportError(new UserError("x", "it broke")).text, "error: it broke\n");
});

test("an interruption has the exit code of one", () => {
  assert.equal(reportError(new UserError("interrupted", "interrupted")).exitCode, 130);
});

test("a full disk is readable", () => {
  const error = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  assert.match(reportError(error).text, /disk is full[^]*run the same command again/);
});

test("any other error is shown with its stack, as a fault of ours", () => {
  const { text, exitCode } = reportError(new TypeError("x is not a function"));
  assert.match(text, /fault of \.\/ecosphere[^]*x is not a function[^]*report-error\.test\.ts/);
  assert.equal(exitCode, 1);
});
