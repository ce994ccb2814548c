import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { partitionIntervals, partitionsBetween, rangeFault } from "../../../lib/partition-bounds.ts";

describe("partitions between two dates", () => {
  test("by year", () => {
    assert.deepEqual(partitionsBetween("year", "2020-01-01", "2022-01-01"), [
      { suffix: "2020", from: "2020-01-01", to: "2021-01-01" },
      { suffix: "2021", from: "2021-01-01", to: "2022-01-01" },
    ]);
  });

  test("by quarter and by month, across the end of a year", () => {
    assert.deepEqual(
      partitionsBetween("quarter", "2023-10-01", "2024-04-01").map(({ suffix }) => suffix),
      ["2023_q4", "2024_q1"],
    );
    assert.deepEqual(
      partitionsBetween("month", "2023-12-01", "2024-02-01").map(({ suffix }) => suffix),
      ["2023_12", "2024_01"],
    );
  });

  test("have neither gap nor overlap, and cover the range exactly", () => {
    const months = fc.integer({ min: 1900 * 4, max: 2100 * 4 });
    fc.assert(
      fc.property(
        fc.constantFrom(...partitionIntervals),
        months,
        fc.integer({ min: 1, max: 40 }),
        (interval, quarter, count) => {
          const year = Math.floor(quarter / 4);
          const from = `${year}-01-01`;
          const to = `${year + count}-01-01`;
          if (rangeFault(interval, from, to) !== undefined) return;
          const partitions = partitionsBetween(interval, from, to);
          assert.equal(partitions[0]?.from, from);
          assert.equal(partitions.at(-1)?.to, to);
          for (const [at, partition] of partitions.entries()) {
            assert.ok(partition.from < partition.to);
            if (at > 0) assert.equal(partition.from, partitions[at - 1]?.to);
          }
          assert.equal(new Set(partitions.map(({ suffix }) => suffix)).size, partitions.length);
        },
      ),
    );
  });

  test("are refused for what is no date, no boundary, backwards, or too many", () => {
    assert.match(rangeFault("year", "2020-13-01", "2030-01-01") ?? "", /is no date/);
    assert.match(rangeFault("month", "2021-02-30", "2030-01-01") ?? "", /is no date/);
    assert.match(rangeFault("quarter", "2020-02-01", "2030-01-01") ?? "", /not where a quarter begins/);
    assert.match(rangeFault("year", "2030-01-01", "2020-01-01") ?? "", /is not before/);
    assert.match(rangeFault("month", "1900-01-01", "2030-01-01") ?? "", /1560 partitions; at most 400/);
    assert.equal(rangeFault("year", "2020-01-01", "2030-01-01"), undefined);
  });
});
