import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  compareRows,
  contains,
  cover,
  gaps,
  isOverlap,
  isSameBound,
  sortRanges,
  type RangeBound,
} from "../../../provider/pgddl/plan/bound-algebra.ts";
import { predicateOf } from "../../../provider/pgddl/plan/bound-predicate.ts";
import { compareValues, isSameValue } from "../../../provider/pgddl/plan/bound-values.ts";
import { parseNote, renderNote } from "../../../provider/pgddl/plan/partition-note.ts";
import type { BoundSpec } from "../../../provider/pgddl/spec.ts";

const number = { name: "n", type: "integer" };
const pair = [number, { name: "m", type: "bigint" }];
const point = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -9, max: 9 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom("MINVALUE", "MAXVALUE") },
);

/** Ranges that hold something. */
function rangeOver(columns: number): fc.Arbitrary<RangeBound> {
  const row = fc.array(point, { minLength: columns, maxLength: columns });
  const key = pair.slice(0, columns);
  return fc
    .tuple(row, row)
    .filter(([a, b]) => compareRows(key, a, b) !== 0)
    .map(([a, b]) => ((compareRows(key, a, b) ?? 0) < 0 ? { from: a, to: b } : { from: b, to: a }));
}

const list: fc.Arbitrary<BoundSpec> = fc
  .uniqueArray(fc.constantFrom("1", "2", "3", "4", "NULL"), { minLength: 1, maxLength: 3 })
  .map((values) => ({ in: values }));
const hash: fc.Arbitrary<BoundSpec> = fc
  .tuple(fc.constantFrom(1, 2, 4, 8), fc.nat(7))
  .map(([modulus, remainder]) => ({ modulus, remainder: remainder % modulus }));
const anyPair = fc.oneof(
  fc.tuple(rangeOver(1), rangeOver(1)),
  fc.tuple(rangeOver(2), rangeOver(2)),
  fc.tuple(list, list),
  fc.tuple(hash, hash),
);

/** Whether the row (n, m), as a value of the key, lies in the bound: by the definition, value by value. */
function holds(bound: BoundSpec, row: readonly number[]): boolean {
  if ("in" in bound) return bound.in.includes(String(row[0]));
  if ("modulus" in bound) return (row[0] ?? 0) % bound.modulus === bound.remainder;
  if (!("from" in bound)) return false;
  const place = (text: string): number =>
    text === "MINVALUE" ? -Infinity : text === "MAXVALUE" ? Infinity : Number(text);
  const compare = (other: readonly string[]): number => {
    for (const [at, value] of row.slice(0, other.length).entries()) {
      const order = value - place(other[at] ?? "");
      if (order !== 0) return order;
    }
    return 0;
  };
  return compare(bound.from) >= 0 && compare(bound.to) < 0;
}

const rows = Array.from({ length: 23 }, (_, n) =>
  Array.from({ length: 23 }, (_each, m) => [n - 11, m - 11]),
).flat();
const naturals = Array.from({ length: 16 }, (_, n) => [n]);

describe("bounds of partitions", () => {
  test("overlap is the same from both sides, and of a bound with itself", () => {
    fc.assert(
      fc.property(anyPair, ([a, b]) => {
        assert.equal(isOverlap(pair, a, b), isOverlap(pair, b, a));
        assert.equal(isOverlap(pair, a, a), true);
        assert.equal(contains(pair, a, a), true);
      }),
    );
  });

  test("two ranges overlap when a row lies in both, and one contains the other when all its rows do", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(rangeOver(1), rangeOver(1)), fc.tuple(rangeOver(2), rangeOver(2))),
        ([a, b]) => {
          const isShared = rows.some((row) => holds(a, row) && holds(b, row));
          if (isShared) assert.equal(isOverlap(pair, a, b), true);
          if (isOverlap(pair, a, b) === false) assert.equal(isShared, false);
          if (contains(pair, a, b) === true) {
            assert.ok(rows.every((row) => !holds(b, row) || holds(a, row)));
          }
        },
      ),
    );
  });

  test("two hash bounds overlap exactly when a remainder falls to both", () => {
    fc.assert(
      fc.property(hash, hash, (a, b) => {
        const isShared = naturals.some((row) => holds(a, row) && holds(b, row));
        assert.equal(isOverlap([number], a, b), isShared);
        const isWithin = naturals.every((row) => !holds(b, row) || holds(a, row));
        assert.equal(contains([number], a, b), isWithin);
      }),
    );
  });

  test("a default partition overlaps with another one only", () => {
    assert.equal(isOverlap([number], { isDefault: true }, { isDefault: true }), true);
    assert.equal(isOverlap([number], { isDefault: true }, { in: ["1"] }), false);
  });

  test("what a list of ranges covers and what it leaves out make up the window, without touching", () => {
    const window = { from: ["-5"], to: ["5"] };
    fc.assert(
      fc.property(fc.array(rangeOver(1), { maxLength: 6 }), (ranges) => {
        const covered = cover([number], ranges);
        const open = gaps([number], ranges, window);
        assert.ok(covered && open);
        for (const row of rows.filter((each) => each[1] === 0)) {
          const isIn = ranges.some((range) => holds(range, row));
          assert.equal(
            covered.some((range) => holds(range, row)),
            isIn,
          );
          assert.equal(
            open.some((range) => holds(range, row)),
            holds(window, row) && !isIn,
          );
        }
        for (const [at, range] of covered.entries()) {
          const next = covered[at + 1];
          if (next) assert.ok((compareRows([number], range.to, next.from) ?? 0) < 0);
        }
        assert.deepEqual(cover([number], covered), covered);
      }),
    );
  });

  test("the order of ranges does not depend on the order in which they are given", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { maxLength: 8 }), (starts) => {
        const ranges = starts.map((start) => ({ from: [String(start)], to: ["MAXVALUE"] }));
        const sorted = sortRanges([number], ranges);
        assert.deepEqual(sortRanges([number], [...ranges].reverse()), sorted);
      }),
    );
  });

  test("what only the server can order is not guessed", () => {
    const text = [{ name: "t", type: "text" }];
    assert.equal(isOverlap(text, { from: ["a"], to: ["c"] }, { from: ["b"], to: ["d"] }), undefined);
    assert.equal(isOverlap(text, { in: ["a"] }, { in: ["b"] }), false);
    assert.equal(
      cover(text, [
        { from: ["a"], to: ["c"] },
        { from: ["b"], to: ["d"] },
      ]),
      undefined,
    );
    assert.equal(isSameBound(text, { from: ["a"], to: ["c"] }, { from: ["a"], to: ["c"] }), true);
    assert.equal(isSameValue("point", "(1,2)", "(1, 2)"), undefined);
  });
});

describe("values of a partition key", () => {
  const ordered: readonly (readonly [string, readonly string[]])[] = [
    [
      "date",
      ["-infinity", "0044-03-15 BC", "0001-01-01", "1999-12-31", "2024-02-29", "12024-01-01", "infinity"],
    ],
    [
      "timestamp without time zone",
      ["1969-12-31 23:59:59.999999", "1970-01-01", "1970-01-01 00:00:00.5", "2024-01-01 00:00:01"],
    ],
    [
      "timestamp with time zone",
      [
        "2024-01-01 00:00:00+02",
        "2023-12-31 23:00:00+00",
        "2024-01-01 00:00:00+00",
        "2024-01-01 00:00:00-05:30",
      ],
    ],
    [
      "numeric(20,5)",
      ["-infinity", "-1.5", "-0.001", "0", "0.00001", "9", "10", "99999999999999999999", "NaN"],
    ],
    ["bigint", ["-9223372036854775808", "-1", "0", "2", "10", "9223372036854775807"]],
    ["uuid", ["00000000-0000-0000-0000-000000000001", "A0000000-0000-0000-0000-000000000000"]],
    ["boolean", ["f", "t"]],
  ];
  for (const [type, values] of ordered) {
    test(`${type} sorts as the server sorts it`, () => {
      for (const [at, low] of values.entries()) {
        assert.equal(compareValues(type, low, low), 0);
        assert.equal(compareValues(type, "MINVALUE", low), -1);
        for (const high of values.slice(at + 1)) {
          assert.ok((compareValues(type, low, high) ?? 0) < 0, `${low} < ${high}`);
          assert.ok((compareValues(type, high, low) ?? 0) > 0, `${high} > ${low}`);
        }
      }
    });
  }

  test("one value in two spellings is one value", () => {
    assert.equal(compareValues("numeric", "1.50", "1.5"), 0);
    assert.equal(compareValues("timestamp without time zone", "2024-01-01", "2024-01-01 00:00:00"), 0);
    assert.equal(compareValues("timestamp with time zone", "2024-01-01 01:00+01", "2024-01-01"), 0);
    assert.equal(compareValues("date", "2024-01-01 13:00", "2024-01-01"), 0);
    assert.equal(isSameValue("integer", "01", "1"), true);
  });

  test("what is no value of the type is left to the server", () => {
    assert.equal(compareValues("date", "2024-02-30", "2024-03-01"), undefined);
    assert.equal(compareValues("date", "yesterday", "2024-03-01"), undefined);
    assert.equal(compareValues("integer", "1e3", "2"), undefined);
    assert.equal(compareValues("text", "a", "b"), undefined);
  });
});

describe("a bound as an SQL condition", () => {
  const of = (bound: BoundSpec, siblings: readonly BoundSpec[] = [], columns = ["a", "b"]): string =>
    predicateOf(bound, { columns, parent: { schema: "s", name: "p" }, siblings });

  test("every form of bound has one", () => {
    assert.equal(of({ in: ["x", "NULL"] }), `"a" IS NULL OR "a" IN ('x')`);
    assert.equal(of({ in: ["NULL"] }), `"a" IS NULL`);
    assert.equal(of({ in: ["it's"] }), `"a" IS NOT NULL AND "a" IN ('it''s')`);
    assert.equal(
      of({ modulus: 4, remainder: 1 }),
      `satisfies_hash_partition('"s"."p"'::regclass, 4, 1, "a", "b")`,
    );
    assert.equal(
      of({ from: ["1", "MINVALUE"], to: ["1", "9"] }),
      `"a" IS NOT NULL AND "b" IS NOT NULL AND "a" = '1' AND "b" < '9'`,
    );
    assert.equal(of({ isDefault: true }), "true");
    assert.equal(of({ isDefault: true }, [{ isDefault: true }, { in: ["NULL"] }]), `NOT (("a" IS NULL))`);
  });
});

describe("the comment of a partition that was removed and kept", () => {
  test("is read as it was written, and nobody else's is", () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (name, comment) => {
        const note = { parent: { schema: "s", name }, bound: { from: ["1"], to: ["MAXVALUE"] } };
        const full = comment === undefined ? note : { ...note, comment };
        assert.deepEqual(parseNote(renderNote(full)), full);
      }),
    );
    assert.equal(parseNote("Users of 2024."), undefined);
    assert.equal(parseNote("detached by pgddl on Monday"), undefined);
    assert.equal(parseNote(undefined), undefined);
  });
});
