import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { barProgress, lineProgress } from "../../../scripts/seed/progress.ts";

test("without a terminal, each table is one line when it is through", () => {
  const lines: string[] = [];
  const progress = lineProgress((line) => lines.push(line));
  progress.start(30);
  progress.advance("users", 10);
  progress.advance("users", 10);
  assert.deepEqual(lines, []);
  progress.advance("orders", 10);
  progress.done();
  assert.deepEqual(lines, ["seed: users: 20 rows (20 of 30)", "seed: orders: 10 rows (30 of 30)"]);
});

test("a bar can be started, moved and stopped on any stream", () => {
  const stream = new PassThrough();
  const progress = barProgress(stream);
  progress.start(10);
  progress.advance("users", 10);
  progress.done();
  stream.end();
});
