import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { measure, renderResults, summarize, percentile } from "../../../bench/harness.ts";

describe("a benchmark", () => {
  test("alternates, and takes the ratio of each round, not of the medians", async () => {
    const order: string[] = [];
    const seconds = { ours: [2, 4, 30], peer: [1, 4, 10] };
    const next = (who: "ours" | "peer"): Promise<number> => {
      order.push(who);
      return Promise.resolve(seconds[who].shift() ?? 0);
    };
    let disposed = 0;
    const result = await measure(
      {
        name: "n",
        title: "t",
        peer: "p",
        aim: 2,
        prepare: () =>
          Promise.resolve({
            ours: () => next("ours"),
            peer: () => next("peer"),
            [Symbol.asyncDispose]: () => {
              disposed += 1;
              return Promise.resolve();
            },
          }),
      },
      3,
      () => undefined,
    );
    assert.deepEqual(order, ["ours", "peer", "ours", "peer", "ours", "peer"]);
    assert.deepEqual(result.ratio, { median: 2, least: 1, most: 3 });
    assert.deepEqual(result.ours, { median: 4, least: 2, most: 30 });
    assert.equal(disposed, 1);
    assert.match(renderResults([result]), /2\.00 \[1\.00–3\.00\]/);
  });

  test("shows a ratio as small as it is, and not as nothing", async () => {
    const prepared = {
      ours: () => Promise.resolve(9),
      peer: () => Promise.resolve(2349.5),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const benchmark = {
      name: "n",
      title: "t",
      peer: "p",
      aim: 1 / 500,
      prepare: () => Promise.resolve(prepared),
    };
    const shown = renderResults([await measure(benchmark, 1, () => undefined)]);
    assert.match(shown, /2350 \[2350–2350\].*0\.00383 \[.*≤ 0\.00200/);
  });

  test("that is interrupted begins no further step, and removes what it made", async () => {
    const interrupt = new AbortController();
    let disposed = false;
    const measured = measure(
      {
        name: "n",
        title: "t",
        peer: "p",
        aim: 2,
        prepare: () =>
          Promise.resolve({
            ours: () => {
              interrupt.abort(new Error("interrupted"));
              return Promise.resolve(1);
            },
            peer: () => assert.fail("the peer was run"),
            [Symbol.asyncDispose]: () => {
              disposed = true;
              return Promise.resolve();
            },
          }),
      },
      3,
      () => undefined,
      interrupt.signal,
    );
    await assert.rejects(measured, /interrupted/);
    assert.ok(disposed);
  });

  test("has the mean of the middle two as the median of an even number", () => {
    assert.equal(summarize([4, 1, 3, 2]).median, 2.5);
    assert.throws(() => summarize([]), RangeError);
  });
});

test("a percentile is a value that was measured, which so many in a hundred do not exceed", () => {
  const twenty = Array.from({ length: 20 }, (_, at) => 20 - at);
  assert.deepEqual([percentile(twenty, 50), percentile(twenty, 95), percentile(twenty, 100)], [10, 19, 20]);
  assert.equal(percentile([3], 95), 3);
  assert.throws(() => percentile([], 50), RangeError);
});
