import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram } from "../../../../scripts/stack/run-program.ts";

const run = (script: string, input?: string) =>
  runProgram("sh", ["-c", script], {
    cwd: "/",
    env: process.env,
    output: "capture",
    ...(input === undefined ? {} : { input }),
  });

test("the exit code and both outputs come back", async () => {
  assert.deepEqual(await run("echo out; echo err >&2; exit 3"), {
    code: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
});

test("the input reaches the program, and a program that does not read it is no error", async () => {
  assert.equal((await run("cat", "secret")).stdout, "secret");
  assert.equal((await run("true", "x".repeat(1_000_000))).code, 0);
});

test("an interruption reaches the program once, its end is waited for, and the code is 130", async () => {
  const script =
    "trap 'echo caught' INT; echo ready; n=0; while [ $n -lt 20 ]; do sleep 0.05; n=$((n+1)); done; exit 5";
  let interrupted = false;
  const result = await runProgram("sh", ["-c", script], {
    cwd: "/",
    env: process.env,
    output: "capture",
    input: "",
    onOutput: (text) => {
      if (interrupted || !text.includes("ready")) return;
      interrupted = true;
      process.emit("SIGINT");
      process.emit("SIGINT");
    },
  });
  assert.deepEqual(result, { code: 130, stdout: "ready\ncaught\n", stderr: "" });
});

test("a program that survives an interruption gets every signal, and its own end counts", async () => {
  const endAfterCaught = (signal: NodeJS.Signals) => {
    let toSend: NodeJS.Signals[] = ["SIGINT", "SIGINT", signal];
    // Each trap is told before the next signal, so that none is merged with the one before.
    const script = `
      n=0; trap 'n=$((n+1)); echo caught' INT; trap 'exit 5' HUP; echo ready
      until [ $n -gt 2 ]; do sleep 0.02; done; exit 7`;
    return runProgram("sh", ["-c", script], {
      cwd: "/",
      env: process.env,
      output: "capture",
      input: "",
      interruption: "reaches",
      onOutput: () => {
        const [next, ...rest] = toSend;
        toSend = rest;
        if (next) process.emit(next, next);
      },
    });
  };
  const stdout = "ready\ncaught\ncaught\n";
  assert.deepEqual(await endAfterCaught("SIGINT"), { code: 7, stdout: `${stdout}caught\n`, stderr: "" });
  assert.deepEqual(await endAfterCaught("SIGHUP"), { code: 5, stdout, stderr: "" });
  assert.deepEqual(await endAfterCaught("SIGTERM"), { code: 143, stdout, stderr: "" });
  assert.equal((await run("kill -INT $$")).code, 130);
});

test("a program that cleans up is reached by no signal, and its own end counts", async () => {
  const script =
    "trap 'echo caught' INT TERM HUP; echo ready; n=0; while [ $n -lt 10 ]; do sleep 0.05; n=$((n+1)); done; exit 5";
  const { code, stdout } = await runProgram("sh", ["-c", script], {
    cwd: "/",
    env: process.env,
    output: "capture",
    interruption: "spares",
    onOutput: (text) => {
      if (!text.includes("ready")) return;
      for (const signal of ["SIGINT", "SIGINT", "SIGTERM", "SIGHUP"] as const) process.emit(signal, signal);
    },
  });
  assert.equal(code, 5);
  assert.equal(stdout, "ready\n");
});

test("a program that is not there is an error", async () => {
  await assert.rejects(runProgram("/no/such/program", [], { cwd: "/", env: {} }), { code: "ENOENT" });
});
