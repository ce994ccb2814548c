import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { afterSilence } from "../../../../lib/client/silence.ts";

test("a silence that is over is told, once", async () => {
  let told = 0;
  afterSilence(5, () => (told += 1));
  await pause(40);
  assert.equal(told, 1);
});

test("one that was called off is not", async () => {
  const callOff = afterSilence(5, () => assert.fail("it was called off"));
  callOff();
  await pause(40);
});

test("an answer that came while the process itself was busy is heard first", async () => {
  const echo = spawn("cat", { stdio: ["pipe", "pipe", "ignore"] });
  echo.stdin.write("ready");
  await once(echo.stdout, "data");
  const heard: string[] = [];
  const callOff = afterSilence(20, () => heard.push("silence"));
  echo.stdout.once("data", () => {
    heard.push("answer");
    callOff();
  });
  echo.stdin.write("question");
  // A turn, in which it is sent; then nothing is heard for longer than the silence.
  await new Promise((resolve) => setImmediate(resolve));
  for (const end = performance.now() + 100; performance.now() < end;);
  await pause(30);
  echo.kill();
  assert.deepEqual(heard, ["answer"]);
});
