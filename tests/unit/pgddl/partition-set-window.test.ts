import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { calendarUnits, dateOf, dayOf, firstDayOf, unitHolding } from "../../../lib/calendar.ts";
import { boundOf, intervalOf, isCuttable } from "../../../provider/pgddl/plan/partition-set-grid.ts";
import { parseAnyMark, parseMark, renderMark } from "../../../provider/pgddl/plan/partition-set-mark.ts";
import {
  mostPartitions,
  nameOf,
  windowFaults,
  windowOf,
  type WindowSpec,
} from "../../../provider/pgddl/plan/partition-set-window.ts";

const calendarSpec: fc.Arbitrary<WindowSpec> = fc
  .record({
    interval: fc.constantFrom(...calendarUnits),
    begin: fc.integer({ min: -10_000, max: 40_000 }),
    length: fc.option(fc.integer({ min: 1, max: 3_000 }), { nil: undefined }),
    ahead: fc.integer({ min: -400, max: 4_000 }),
    premake: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
    retention: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  })
  .map(({ interval, begin, length, ahead, premake, retention }) => {
    const from = firstDayOf(interval, unitHolding(interval, begin));
    return {
      parent: "users",
      interval,
      range: { from: dateOf(from), ...(length !== undefined && { to: dateOf(from + length) }) },
      asOf: dateOf(from + ahead),
      ...(premake !== undefined && { premake }),
      ...(retention !== undefined && { retention }),
    };
  });
const numberSpec: fc.Arbitrary<WindowSpec> = fc
  .record({
    interval: fc.integer({ min: 1, max: 1_000_000 }),
    from: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    steps: fc.integer({ min: -5, max: 300 }),
    rest: fc.nat(),
    retention: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  })
  .map(({ interval, from, steps, rest, retention }) => ({
    parent: "items",
    interval,
    range: { from: String(from) },
    asOf: String(from + steps * interval + (rest % interval)),
    ...(retention !== undefined && { retention }),
  }));
const spec = fc.oneof(calendarSpec, numberSpec).filter((each) => windowFaults(each).length === 0);

const users = {
  parent: "users",
  interval: "month",
  range: { from: "2026-01-01" },
  asOf: "2026-03-15",
} as const;
const names = (given: WindowSpec): readonly string[] => {
  const { grid, first, end } = windowOf(given);
  return Array.from({ length: Number(end - first) }, (_, at) => nameOf(given, grid, first + BigInt(at)));
};

describe("the window of a partition set", () => {
  test("reaches from where the range begins to premake intervals beyond asOf", () => {
    assert.deepEqual(names({ ...users, premake: 1 }), [
      ...["users_2026_01", "users_2026_02", "users_2026_03", "users_2026_04"],
    ]);
    assert.equal(names(users).at(-1), "users_2026_07");
    assert.equal(
      names({ ...users, range: { from: "2026-01-01", to: "2027-01-02" } }).at(-1),
      "users_2027_01",
    );
    assert.equal(
      names({ ...users, range: { from: "2026-01-01", to: "2027-01-01" } }).at(-1),
      "users_2026_12",
    );
  });

  test("begins where retention says, if that is later", () => {
    assert.deepEqual(names({ ...users, premake: 0, retention: 1 }), ["users_2026_02", "users_2026_03"]);
    assert.equal(names({ ...users, retention: 100 })[0], "users_2026_01");
    assert.deepEqual(names({ ...users, premake: 0, retention: 0 }), ["users_2026_03"]);
  });

  test("cuts numbers from where the range begins", () => {
    const items = {
      parent: "items",
      prefix: "i",
      interval: 500,
      range: { from: "-500" },
      asOf: "10",
      premake: 1,
    };
    assert.deepEqual(names(items), ["i_minus_500", "i_0", "i_500"]);
  });

  test("is without gap and overlap, every bound where an interval begins", () => {
    fc.assert(
      fc.property(spec, (given) => {
        const { grid, first, end, limit } = windowOf(given);
        assert.ok(first < end);
        assert.ok(end - first <= BigInt(mostPartitions));
        for (let index = first; index < end; index += 1n) {
          const [from, to] = [grid.beginOf(index), grid.beginOf(index + 1n)];
          assert.equal(grid.indexOf(from), index);
          assert.equal(grid.indexOf(to), index + 1n);
          const keyType = typeof given.interval === "number" ? "bigint" : "timestamp with time zone";
          assert.equal(intervalOf(grid, boundOf(grid, index, keyType)), index);
          if (typeof given.interval !== "number") {
            const day = dayOf(from) ?? 0;
            assert.equal(firstDayOf(given.interval, unitHolding(given.interval, day)), day);
          }
        }
        assert.equal(new Set(names(given)).size, Number(end - first));
        // What holds asOf is never past its retention.
        const now = grid.indexOf(given.asOf);
        assert.ok(now !== undefined && now < end);
        assert.ok(limit === undefined || limit <= now);
        assert.deepEqual(names(given), names({ ...given }));
      }),
    );
  });

  test("only moves forward as asOf does, interval by interval", () => {
    fc.assert(
      fc.property(spec, (given) => {
        const { grid, first, end } = windowOf(given);
        const asOf = grid.beginOf((grid.indexOf(given.asOf) ?? 0n) + 1n);
        if (windowFaults({ ...given, asOf }).length > 0) return;
        const next = windowOf({ ...given, asOf });
        assert.ok(next.first - first >= 0n && next.first - first <= 1n);
        assert.ok(next.end - end >= 0n && next.end - end <= 1n);
      }),
    );
  });

  const faults: readonly (readonly [string, Partial<WindowSpec>, RegExp])[] = [
    [
      "range.from",
      { range: { from: "2026-01-02" } },
      /not where a month begins.*"2026-01-01" or "2026-02-01"/,
    ],
    ["range.from", { interval: "week", range: { from: "2026-01-01" } }, /"2025-12-29" or "2026-01-05"/],
    ["range.from", { range: { from: "2026-02-30" } }, /is no date/],
    ["range.from", { interval: 10 }, /is no whole number/],
    ["range.to", { range: { from: "2026-01-01", to: "2026-01-01" } }, /at least one interval/],
    ["range.to", { range: { from: "2026-01-01", to: "soon" } }, /is no date/],
    ["asOf", { asOf: "today" }, /is no date/],
    ["asOf", { asOf: "2020-01-01" }, /there would be no partition/],
    ["range", { interval: "day", range: { from: "2020-01-01" } }, /at most 1000/],
    ["range", { range: { from: "9990-01-01" }, asOf: "9999-12-01" }, /beyond the year 9999/],
    ["prefix", { prefix: "p".repeat(60) }, /has 68 bytes/],
    ["parent", { parent: "p".repeat(60) }, /has 68 bytes/],
  ];
  for (const [property, change, reason] of faults) {
    test(`tells what is wrong with ${property}: ${reason.source}`, () => {
      const [fault] = windowFaults({ ...users, ...change });
      assert.equal(fault?.property, property);
      assert.match(fault.reason, reason);
    });
  }

  test("fits keys of its own sort only", () => {
    assert.ok(isCuttable("day", "date") && isCuttable("day", "timestamp(3) with time zone"));
    assert.ok(isCuttable(10, "bigint"));
    assert.ok(!isCuttable(10, "date") && !isCuttable("day", "integer") && !isCuttable("day", "text"));
  });
});

test("a mark says what a partition was, and other comments are no marks", () => {
  const parent = { schema: "shop", name: "Odd: name" };
  const marks = [
    { bound: { from: ["2020-01-01 00:00:00+00"], to: ["2021-01-01 00:00:00+00"] } },
    { bound: { from: ["1"], to: ["2"] }, detachedOn: "2026-11-22", rest: "mine,\nsaid somebody" },
  ];
  for (const mark of marks) {
    assert.deepEqual(parseMark(parent, renderMark(parent, mark)), mark);
    assert.deepEqual(parseAnyMark(renderMark(parent, mark)), mark);
    assert.deepEqual(parseAnyMark(renderMark({ schema: "shop", name: "us:ers" }, mark)), mark);
  }
  for (const comment of [
    undefined,
    "",
    "mine",
    renderMark({ schema: "shop", name: "users" }, { bound: { from: ["1"], to: ["2"] } }),
  ]) {
    assert.equal(parseMark(parent, comment), undefined);
  }
});
