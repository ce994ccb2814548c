import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fitReplicas, nearest, primaryAmong, type Candidate } from "../../../../lib/client/choose.ts";
import type { InstanceState } from "../../../../lib/client/instance-state.ts";

const at: InstanceState = {
  ...{ isPrimary: false, timeline: undefined, isReceiving: true, position: 1000n, clock: 0n },
};

function candidate(name: string, state: Partial<InstanceState> | undefined, more: Partial<Candidate> = {}) {
  const whole = state && { ...at, ...state };
  return { name, state: whole, roundTripMs: 0.3, inFlight: 0, ...more } satisfies Candidate;
}

const namesOf = (candidates: readonly Candidate[]): string[] => candidates.map(({ name }) => name);
const reign = (timeline: number): Partial<InstanceState> => ({ isPrimary: true, timeline });

describe("the primary", () => {
  test("is the one that says so", () => {
    assert.equal(primaryAmong([candidate("a", {}), candidate("b", reign(1))])?.name, "b");
    assert.equal(primaryAmong([candidate("a", {}), candidate("b", undefined)]), undefined);
  });

  test("is of two that say so the one with the younger timeline, in either order", () => {
    const two = [candidate("old", reign(4)), candidate("new", reign(5))];
    assert.equal(primaryAmong(two)?.name, "new");
    assert.equal(primaryAmong(two.reverse())?.name, "new");
  });
});

describe("a replica is fit", () => {
  const primary = candidate("p", { ...reign(1), position: 2000n });

  test("when it receives WAL and lags less than the bound", () => {
    const all = [
      primary,
      candidate("fit", {}),
      candidate("late", { position: 999n }),
      candidate("apart", { isReceiving: false }),
      candidate("gone", undefined),
    ];
    assert.deepEqual(namesOf(fitReplicas(all, 2000n, 1001n)), ["fit"]);
  });

  test("when it was so before the primary was lost", () => {
    const all = [
      candidate("p", undefined),
      candidate("fit", { isReceiving: false }),
      candidate("late", { isReceiving: false, position: 0n }),
    ];
    assert.deepEqual(namesOf(fitReplicas(all, 2000n, 1001n)), ["fit"]);
  });

  test("and ahead of what was last known of the primary", () => {
    assert.deepEqual(namesOf(fitReplicas([primary, candidate("fit", { position: 9000n })], 2000n, 10n)), [
      "fit",
    ]);
  });
});

describe("of the fit", () => {
  test("the nearest is chosen, however much it has to do", () => {
    const near = candidate("near", {}, { roundTripMs: 0.4, inFlight: 9 });
    assert.equal(nearest([candidate("far", {}, { roundTripMs: 8 }), near], 0)?.name, "near");
  });

  test("of those about as near the one with less to do is", () => {
    const a = candidate("a", {}, { inFlight: 2 });
    const b = candidate("b", {}, { roundTripMs: 0.9, inFlight: 1 });
    for (const now of [0, 20, 40]) {
      assert.equal(nearest([a, b], now)?.name, "b");
      assert.equal(nearest([b, a], now)?.name, "b");
    }
  });

  test("those with as much to do take turns", () => {
    const three = ["a", "b", "c"].map((name) => candidate(name, {}, { inFlight: 1 }));
    const busy = candidate("busy", {}, { inFlight: 2 });
    const chosen = [0, 19, 20, 40, 60, 80].map((now) => nearest([busy, ...three], now)?.name);
    assert.deepEqual(chosen, ["a", "a", "b", "c", "a", "b"]);
  });

  test("one that was not measured yet is better than none", () => {
    assert.equal(nearest([candidate("a", {}, { roundTripMs: Infinity })], 0)?.name, "a");
    assert.equal(nearest<Candidate>([], 0), undefined);
  });
});
