import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gapSeconds, longestGap } from "../../../scripts/drill/gaps.ts";

describe("a gap", () => {
  test("is the longest time between two successes that was not over before the fault", () => {
    const times = [0, 900, 1000, 1020, 2500, 2520];
    assert.deepEqual(longestGap(times, 1010, 2600), { from: 1020, to: 2500 });
    assert.equal(gapSeconds(longestGap(times, 1010, 2600)), 1.48);
  });

  test("is open when no success came back", () => {
    const gap = longestGap([0, 20, 40], 30, 5000);
    assert.deepEqual(gap, { from: 40, to: undefined });
    assert.equal(gapSeconds(gap), undefined);
  });

  test("is not open because the watch ends between two successes", () => {
    assert.deepEqual(longestGap([0, 20, 40, 60], 30, 100), { from: 20, to: 40 });
  });

  test("is none without a success", () => {
    assert.equal(longestGap([], 10, 20), undefined);
  });
});
