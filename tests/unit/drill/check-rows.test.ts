import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { checkRows } from "../../../scripts/drill/check-rows.ts";
import type { Outcome } from "../../../scripts/drill/journal.ts";

interface Row {
  readonly id: number;
  readonly source: string;
  readonly outcome: Outcome;
}
const row = (id: number, outcome: Outcome): Row => ({ id, source: "rw-1", outcome });
const on = (...lists: readonly (readonly number[])[]): Map<string, readonly number[]> =>
  new Map(lists.map((ids, at) => [`pg-${at + 1}`, ids]));

describe("the rows of a drill", () => {
  test("are as they should be when every instance has what was acknowledged", () => {
    const verdict = checkRows([row(1, "acknowledged"), row(2, "acknowledged")], on([1, 2], [2, 1]));
    assert.deepEqual(verdict, { acknowledged: 2, unknown: 0, unknownLanded: 0, lost: [], unexpected: [] });
  });

  test("are lost when an acknowledged one is nowhere, or missing on one instance", () => {
    const rows = [row(1, "acknowledged"), row(2, "acknowledged")];
    assert.deepEqual(checkRows(rows, on([1], [])).lost, [
      { id: 1, source: "rw-1", missingOn: ["pg-2"] },
      { id: 2, source: "rw-1", missingOn: ["pg-1", "pg-2"] },
    ]);
  });

  test("are counted apart when no answer was seen: there everywhere or nowhere, either is right", () => {
    const verdict = checkRows([row(1, "unknown"), row(2, "unknown")], on([2], [2]));
    assert.deepEqual([verdict.unknown, verdict.unknownLanded], [2, 1]);
    assert.deepEqual([verdict.lost, verdict.unexpected], [[], []]);
  });

  test("are unexpected when never sent, there twice, refused and there, or on some instances alone", () => {
    const rows = [row(1, "acknowledged"), row(2, "refused"), row(3, "unknown")];
    assert.deepEqual(checkRows(rows, on([1, 1, 2, 3, 9], [1, 2])).unexpected, [
      "1 is twice on pg-1",
      "9 is on pg-1, and was never sent",
      "2 is there, though its client was told that it was refused",
      "3 is missing on pg-2 alone",
    ]);
  });

  const outcome = fc.constantFrom<Outcome>("acknowledged", "unknown", "refused");
  // Ids as they are given: each once.
  const sent = fc
    .array(outcome, { maxLength: 60 })
    .map((outcomes) => outcomes.map((each, at) => row(at + 1, each)));
  const landed = (rows: readonly Row[], landing: readonly boolean[]): number[] =>
    rows
      .filter(
        ({ outcome: each }, at) =>
          each === "acknowledged" || (each === "unknown" && landing[at % landing.length]),
      )
      .map(({ id }) => id);
  const landing = fc.array(fc.boolean(), { minLength: 1, maxLength: 7 });

  test("property: nothing is wrong when every instance has the acknowledged and the same unknown ones", () => {
    fc.assert(
      fc.property(sent, landing, (rows, which) => {
        const present = landed(rows, which);
        const verdict = checkRows(rows, on(present, present.toReversed(), present));
        assert.deepEqual([verdict.lost, verdict.unexpected], [[], []]);
      }),
    );
  });

  test("property: exactly the acknowledged rows that are taken from an instance are lost", () => {
    fc.assert(
      fc.property(sent, landing, fc.func(fc.boolean()), fc.nat(2), (rows, which, isTaken, instance) => {
        const present = landed(rows, which);
        const rest = present.filter((id) => !isTaken(id));
        const instances = [present, present, present].map((ids, at) => (at === instance ? rest : ids));
        const taken = present.filter((id) => isTaken(id));
        const { lost } = checkRows(rows, on(...instances));
        const acknowledged = new Set(
          rows.filter((each) => each.outcome === "acknowledged").map(({ id }) => id),
        );
        assert.deepEqual(
          lost.map(({ id }) => id),
          taken.filter((id) => acknowledged.has(id)),
        );
      }),
    );
  });
});
