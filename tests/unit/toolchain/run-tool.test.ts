import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError } from "../../../lib/errors.ts";
import { logPath, runTool } from "../../../toolchain/run-tool.ts";

const configured = process.env["ECOSPHERE_CACHE"];
let cache = "";
before(() => {
  cache = mkdtempSync(join(tmpdir(), "ecosphere-tool-"));
  process.env["ECOSPHERE_CACHE"] = cache;
});
after(() => {
  if (configured === undefined) delete process.env["ECOSPHERE_CACHE"];
  else process.env["ECOSPHERE_CACHE"] = configured;
  rmSync(cache, { recursive: true });
});

test("lines are reported as they come and all of them are in the log", async () => {
  const lines: string[] = [];
  await runTool({
    command: "sh",
    args: ["-c", "printf 'one\\ntw'; echo o; echo three >&2"],
    title: "Some work!",
    onLine: (line) => lines.push(line),
  });
  assert.deepEqual(lines.sort(), ["one", "three", "two"]);
  const log = readFileSync(logPath("Some work!"), "utf8");
  for (const word of ["one", "two", "three"]) assert.match(log, new RegExp(`^${word}$`, "m"));
});

test("a failure shows the log's tail, its path and what to do", async () => {
  const script = "i=1; while [ $i -le 40 ]; do echo line $i; i=$((i+1)); done; exit 4";
  const error: unknown = await runTool({
    command: "sh",
    args: ["-c", script],
    title: "build it",
    hint: "try again",
  }).then(
    () => assert.fail("no error"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof UserError);
  assert.match(error.message, /^build it: sh ended with code 4\n/);
  assert.match(error.message, /line 40$/);
  assert.doesNotMatch(error.message, /line 25\b/);
  assert.equal(error.hint, `The whole log: ${logPath("build it")}\ntry again`);
});

test("a program that is not there is named", async () => {
  const run = runTool({ command: "/no/such/tool", args: [], title: "none" });
  await assert.rejects(run, { code: "tool-failed", message: /\/no\/such\/tool could not be started/ });
});

test("a full disk under the log neither holds up the tool nor hides what it said", async () => {
  symlinkSync("/dev/full", logPath("full disk"));
  // More than a pipe holds: whoever does not read it, stops it.
  const script = "i=1; while [ $i -le 4000 ]; do echo line $i of a long output; i=$((i+1)); done; exit";
  let seen = 0;
  const run = (code: number): Promise<void> =>
    runTool({
      command: "sh",
      args: ["-c", `${script} ${code}`],
      title: "full disk",
      timeoutMs: 20_000,
      onLine: () => seen++,
    });
  await run(0);
  assert.equal(seen, 4000);
  await assert.rejects(run(3), { message: /ended with code 3\n[^]*line 4000 of a long output$/ });
});

test("a folder for logs that cannot be made does not stop the tool", async () => {
  const real = process.env["ECOSPHERE_CACHE"];
  process.env["ECOSPHERE_CACHE"] = "/dev/null/cache";
  try {
    await runTool({ command: "true", args: [], title: "no log" });
  } finally {
    process.env["ECOSPHERE_CACHE"] = real;
  }
});

test("what takes too long is ended, even when something it started goes on", async () => {
  const before = Date.now();
  const run = runTool({
    command: "sh",
    args: ["-c", "echo begun; sleep 15 & wait"],
    title: "slow",
    timeoutMs: 200,
  });
  await assert.rejects(run, { code: "tool-failed", message: /was ended by SIGTERM\n {4}begun$/ });
  assert.ok(Date.now() - before < 10_000);
});
