import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chaosOrder } from "../../../scripts/drill/chaos.ts";

const take = (seed: number, count: number, names = ["kill", "cut", "freeze", "proxy"]): string[] => {
  const order = chaosOrder(seed, names);
  return Array.from({ length: count }, () => order.next().value);
};

describe("the order of random faults", () => {
  test("is the same for the same seed, and another for another", () => {
    assert.deepEqual(take(7, 40), take(7, 40));
    assert.notDeepEqual(take(7, 40), take(8, 40));
    assert.deepEqual(take(7, 40).slice(0, 10), take(7, 10));
  });

  test("has every fault in it, and none twice in a row", () => {
    const order = take(1, 200);
    assert.equal(new Set(order).size, 4);
    assert.ok(order.every((name, at) => name !== order[at - 1]));
  });

  test("goes on with one fault alone", () => {
    assert.deepEqual(take(1, 3, ["kill"]), ["kill", "kill", "kill"]);
  });
});
