import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { barProgress, lineProgress } from "../../../scripts/seed/progress.ts";

const ranges = [
  { table: "users", number: 0, first: 1, count: 20 },
  { table: "orders", number: 0, first: 1, count: 10 },
];

test("without a terminal, each table is one line when it is through", () => {
  const lines: string[] = [];
  const progress = lineProgress((line) => lines.push(line));
  progress.start(ranges);
  progress.advance("users", 10);
  progress.advance("users", 10);
  progress.advance("orders", 10);
  progress.finishing("the replicas are catching up");
  progress.done();
  assert.deepEqual(lines, [
    "seed: users: 20 rows (20 of 30 rows)",
    "seed: orders: 10 rows (30 of 30 rows)",
    "seed: the replicas are catching up",
  ]);
});

test("without a terminal, a long table has a line every five seconds, with the rate and the time left", () => {
  const lines: string[] = [];
  let now = 0;
  const progress = lineProgress(
    (line) => lines.push(line),
    () => now,
  );
  progress.start(ranges);
  now = 2000;
  progress.advance("users", 5);
  now = 6000;
  progress.advance("users", 7);
  assert.deepEqual(lines, ["seed: users: 12 of 30 rows, 2 rows/s, 9 s left"]);
});

test("a wait is told once for each reason, and again after it went on", () => {
  const lines: string[] = [];
  const progress = lineProgress((line) => lines.push(line));
  progress.start(ranges);
  progress.waiting("no primary");
  progress.waiting("no primary");
  progress.advance("users", 1);
  progress.waiting("no primary");
  assert.deepEqual(lines, ["seed: waiting: no primary", "seed: waiting: no primary"]);
});

test("a bar can be started, moved and stopped on any stream", () => {
  const stream = new PassThrough();
  const progress = barProgress(stream);
  progress.start(ranges);
  progress.advance("users", 10);
  progress.waiting("no primary");
  progress.done();
  stream.end();
});
