import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { calendarUnits, dateOf, dayOf, firstDayOf, suffixOf, unitHolding } from "../../../lib/calendar.ts";

const day = fc.integer({ min: -719_162, max: 2_932_896 });

describe("the calendar", () => {
  test("counts days as JavaScript's own dates do, from the year 1 to 9999", () => {
    fc.assert(
      fc.property(day, (number) => {
        const text = new Date(number * 86_400_000).toISOString().slice(0, 10);
        assert.equal(dateOf(number), text);
        assert.equal(dayOf(text), number);
      }),
    );
  });

  test("knows no date that does not exist", () => {
    for (const text of [
      "2023-02-29",
      "2023-04-31",
      "2023-13-01",
      "2023-00-01",
      "2023-1-1",
      "0000-01-01",
      "",
    ]) {
      assert.equal(dayOf(text), undefined, text);
    }
    assert.equal(dayOf("2024-02-29"), 19_782);
  });

  test("each day is in one unit, which begins no later and ends after it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...calendarUnits), day, (unit, number) => {
        const index = unitHolding(unit, number);
        assert.ok(firstDayOf(unit, index) <= number);
        assert.ok(number < firstDayOf(unit, index + 1));
        assert.equal(unitHolding(unit, firstDayOf(unit, index)), index);
      }),
    );
  });

  test("names units, weeks as ISO 8601 does", () => {
    const named = (unit: (typeof calendarUnits)[number], text: string): string =>
      suffixOf(unit, unitHolding(unit, dayOf(text) ?? 0));
    assert.deepEqual(
      calendarUnits.map((unit) => named(unit, "2026-07-15")),
      ["2026_07_15", "2026_w29", "2026_07", "2026_q3", "2026"],
    );
    assert.equal(named("week", "2024-12-31"), "2025_w01");
    assert.equal(named("week", "2021-01-03"), "2020_w53");
    assert.equal(named("week", "2027-01-01"), "2026_w53");
  });

  test("no two units of a kind have one name", () => {
    fc.assert(
      fc.property(fc.constantFrom(...calendarUnits), day, (unit, number) => {
        const index = unitHolding(unit, number);
        assert.notEqual(suffixOf(unit, index), suffixOf(unit, index + 1));
      }),
    );
  });
});
