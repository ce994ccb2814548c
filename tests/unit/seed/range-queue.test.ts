import assert from "node:assert/strict";
import { test } from "node:test";
import type { RowRange } from "../../../scripts/seed/generate/row-range.ts";
import { RangeQueue } from "../../../scripts/seed/load/range-queue.ts";

const rangesOf = (table: string, count: number): RowRange[] =>
  Array.from({ length: count }, (_, number) => ({ table, number, first: 1 + number * 10, count: 10 }));
const ranges = [...rangesOf("a", 1), ...rangesOf("b", 4), ...rangesOf("c", 2)];
const name = (range: RowRange | undefined): string | undefined => range && `${range.table}${range.number}`;

test("one taker gets every range once, table after table, ids ascending, the largest table first", () => {
  const queue = new RangeQueue(ranges);
  const taken: unknown[] = [];
  for (let range = queue.take(undefined); range; range = queue.take(range)) taken.push(name(range));
  assert.deepEqual(taken, ["b0", "b1", "b2", "b3", "c0", "c1", "a0"]);
});

test("two takers stay at tables of their own while there are two, and share the last one", () => {
  const queue = new RangeQueue(ranges);
  let [one, other] = [queue.take(undefined), queue.take(undefined)];
  const taken: unknown[] = [];
  while (one ?? other) {
    taken.push([name(one), name(other)]);
    [one, other] = [queue.take(one), queue.take(other)];
  }
  assert.deepEqual(taken, [
    ["b0", "c0"],
    ["b1", "c1"],
    ["b2", "a0"],
    ["b3", undefined],
  ]);
  const last = new RangeQueue(rangesOf("a", 3));
  const first = last.take(undefined);
  assert.deepEqual([name(first), name(last.take(undefined)), name(last.take(first))], ["a0", "a1", "a2"]);
});

test("nothing is taken after clear", () => {
  const queue = new RangeQueue(ranges);
  const taken = queue.take(undefined);
  queue.clear();
  assert.equal(queue.take(taken), undefined);
});
