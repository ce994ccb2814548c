import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../../lib/errors.ts";
import { runSteps } from "../../../toolchain/run-steps.ts";
import type { Step } from "../../../toolchain/step.ts";

const started: string[] = [];
const step = (title: string, options: { after?: string[]; found?: string; error?: Error } = {}): Step => ({
  title,
  way: "",
  find: async () => options.found,
  get: async (_report, waitFor) => {
    for (const other of options.after ?? []) await waitFor(other);
    started.push(title);
    if (options.error) throw options.error;
  },
});

test("what is there already is not got", async () => {
  started.length = 0;
  await runSteps([step("a", { found: "here" }), step("b")]);
  assert.deepEqual(started, ["b"]);
});

test("a step waits for the one that it needs, wherever that stands; not for one that is there", async () => {
  started.length = 0;
  await runSteps([step("last", { after: ["first", "here"] }), step("first"), step("here", { found: "yes" })]);
  assert.deepEqual(started, ["first", "last"]);
});

test("every failure is told once, and what needs a failed step is not begun", async () => {
  started.length = 0;
  const run = runSteps([
    step("engine", { error: new UserError("x", "no engine", "start it") }),
    step("image", { after: ["engine"] }),
    step("cli", { error: new UserError("y", "no cli") }),
  ]);
  const error: unknown = await run.then(
    () => assert.fail("no error"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof UserError);
  assert.equal(error.message, "no engine\nstart it\n\nno cli");
  assert.deepEqual(started, ["engine", "cli"]);
});
