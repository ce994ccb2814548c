import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { BlockCounts } from "../../../../scripts/seed/generate/block-counts.ts";
import { RandomStream } from "../../../../scripts/seed/generate/random-stream.ts";
import { RankOrder } from "../../../../scripts/seed/generate/rank-order.ts";
import { Zipf } from "../../../../scripts/seed/generate/zipf.ts";

describe("a Zipf distribution", () => {
  for (const [count, exponent] of [
    [1, 0.9],
    [2, 0.5],
    [10, 0.9],
    [10, 1.7],
    [200, 0.7],
  ] as const) {
    test(`of ${count} ranks and exponent ${exponent} gives each rank its share`, () => {
      const random = new RandomStream(1, "zipf");
      const zipf = new Zipf(count, exponent);
      const draws = 60_000;
      const seen = new Array<number>(count).fill(0);
      for (let index = 0; index < draws; index++) {
        const rank = zipf.draw(random.at(index));
        seen[rank - 1] = (seen[rank - 1] ?? NaN) + 1;
      }
      const total = seen.reduce((sum, _, at) => sum + (at + 1) ** -exponent, 0);
      for (const [at, times] of seen.entries()) {
        const share = (at + 1) ** -exponent / total;
        const error = Math.sqrt((share * (1 - share)) / draws);
        assert.ok(
          Math.abs(times / draws - share) <= 5 * error,
          `rank ${at + 1}: ${times / draws}, not ${share}`,
        );
      }
    });
  }
});

describe("the order of ranks", () => {
  test("is a permutation, and the inverse undoes it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (count) => {
        const order = new RankOrder(count);
        const seen = new Set<number>();
        for (let rank = 1; rank <= count; rank++) {
          const index = order.indexOf(rank);
          seen.add(index);
          assert.equal(1 + ((index * order.inverse) % count), rank);
        }
        assert.equal(seen.size, count);
      }),
      { numRuns: 100 },
    );
  });
});

describe("counts by blocks", () => {
  test("both ways between parent and child agree, in any order, and every block has all the counts", () => {
    const counts = [0, 0, 1, 1, 1, 2, 2, 5];
    const made = (): BlockCounts => new BlockCounts(new RandomStream(3, "blocks"), counts);
    const [forwards, anyhow] = [made(), made()];
    let next = 0;
    for (let parent = 0; parent < 80; parent++) {
      assert.equal(forwards.firstOf(parent), next);
      const end = next + forwards.countOf(parent);
      for (; next < end; next++) assert.equal(anyhow.parentOf(next), parent);
      assert.equal(anyhow.countOf((parent * 37) % 80), made().countOf((parent * 37) % 80));
    }
    assert.equal(next, 120);
    const ofBlock = (block: number): number[] =>
      counts.map((_, at) => forwards.countOf(block * counts.length + at));
    assert.deepEqual(ofBlock(4).sort(), counts);
    assert.notDeepEqual(ofBlock(4), ofBlock(5));
  });
});
