import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseRangeBound, uncovered } from "../../../lib/range-bound.ts";

describe("a partition's bound as the server prints it", () => {
  test("is read with its ends, open ends and the default", () => {
    const bound = "FOR VALUES FROM ('2020-01-01 00:00:00') TO ('2021-01-01 00:00:00')";
    assert.deepEqual(parseRangeBound(bound), { from: "2020-01-01 00:00:00", to: "2021-01-01 00:00:00" });
    assert.deepEqual(parseRangeBound("FOR VALUES FROM (MINVALUE) TO (MAXVALUE)"), {
      from: undefined,
      to: undefined,
    });
    assert.equal(parseRangeBound("DEFAULT"), "default");
  });

  test("of another kind is not taken for a range", () => {
    assert.equal(parseRangeBound("FOR VALUES IN ('a')"), undefined);
    assert.equal(parseRangeBound("FOR VALUES FROM ('a', 1) TO ('b', 2)"), undefined);
    assert.equal(parseRangeBound("FOR VALUES WITH (modulus 2, remainder 0)"), undefined);
  });
});

describe("what no partition takes", () => {
  const year = (text: number): { from: string; to: string } => ({ from: `${text}`, to: `${text + 1}` });

  test("is nothing when the ranges join, in any order", () => {
    assert.deepEqual(uncovered([year(2022), year(2020), year(2021)], "2020", "2022-06"), []);
  });

  test("is the gap between two, the time before the first and after the last", () => {
    assert.deepEqual(uncovered([year(2021), year(2023)], "2020", "2025"), [
      { from: "2020", to: "2021" },
      { from: "2022", to: "2023" },
      { from: "2024", to: "2025" },
    ]);
  });

  test("is the last instant when the range ends exactly there", () => {
    assert.deepEqual(uncovered([year(2020)], "2020", "2021"), [{ from: "2021", to: "2021" }]);
  });

  test("is nothing with a default partition or open ends", () => {
    assert.deepEqual(uncovered(["default"], "2020", "2025"), []);
    assert.deepEqual(uncovered([{ from: undefined, to: undefined }], "2020", "2025"), []);
  });
});
