import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { calendarUnits, dateOf, dayOf, firstDayOf, suffixOf, unitHolding } from "../../../lib/calendar.ts";
import { UserError } from "../../../lib/errors.ts";
import { partitionIntervals, partitionsBetween, rangeFault } from "../../../lib/partition-bounds.ts";
import { parseRangeBound, uncovered } from "../../../lib/range-bound.ts";
import { formatId, parseId } from "../../../provider/pgddl/object-id.ts";
import { boundSql, parseBoundSql } from "../../../provider/pgddl/plan/bound.ts";
import { hostileText, isName } from "../../helpers/hostile-text.ts";
import { lexSql } from "../../helpers/sql-lexer.ts";

const numRuns = 1000;
const date = fc
  .tuple(fc.nat(10_100), fc.nat(14), fc.nat(33))
  .map(([year, ...rest]) => [
    String(year).padStart(4, "0"),
    ...rest.map((each) => String(each).padStart(2, "0")),
  ])
  .map((parts) => parts.join("-"));
const dateOrNot = fc.oneof(date, hostileText);

describe("whatever the text", () => {
  test("a day is the day that it is written as, or none", () => {
    fc.assert(
      fc.property(dateOrNot, (text) => {
        const day = dayOf(text);
        const [year = 0, month = 0, ofMonth = 0] = text.split("-").map(Number);
        const real = new Date(Date.UTC(2000, month - 1, ofMonth));
        real.setUTCFullYear(year, month - 1, ofMonth);
        const isReal =
          /^\d{4}-\d\d-\d\d$/.test(text) && year > 0 && real.toISOString().startsWith(`${text}T`);
        assert.equal(day !== undefined, isReal, text);
        if (day === undefined) return;
        assert.equal(dateOf(day), text);
        assert.equal(day, real.getTime() / 86_400_000);
        for (const unit of calendarUnits) {
          const holding = unitHolding(unit, day);
          assert.ok(firstDayOf(unit, holding) <= day && day < firstDayOf(unit, holding + 1));
          assert.match(suffixOf(unit, holding), /^[0-9_qw]+$/);
        }
      }),
      { numRuns },
    );
  });

  test("a range of partitions has a fault, or is cut without gap", () => {
    const first = fc.nat({ max: 9999 }).map((year) => `${String(year).padStart(4, "0")}-01-01`);
    const end = fc.oneof({ weight: 3, arbitrary: first }, { weight: 1, arbitrary: dateOrNot });
    fc.assert(
      fc.property(fc.constantFrom(...partitionIntervals), end, end, (interval, from, to) => {
        const fault = rangeFault(interval, from, to);
        if (fault !== undefined) {
          assert.ok(fault.length > 10);
          assert.throws(() => partitionsBetween(interval, from, to), RangeError);
          return;
        }
        const partitions = partitionsBetween(interval, from, to);
        partitions.forEach((each, at) => {
          assert.equal(each.from, at === 0 ? from : partitions[at - 1]?.to);
        });
        assert.equal(partitions.at(-1)?.to, to);
      }),
      { numRuns },
    );
  });

  test("a bound of a range is read as it was written, or not at all", () => {
    fc.assert(
      fc.property(hostileText, hostileText, fc.boolean(), (from, to, isWhole) => {
        const text = isWhole ? `FOR VALUES FROM ('${from}') TO ('${to}')` : `${from}${to}`;
        const bound = parseRangeBound(text);
        if (bound === undefined || bound === "default") return;
        assert.deepEqual(bound, { from, to });
        for (const gap of uncovered([bound], "a", "b")) assert.ok(gap.from <= gap.to);
      }),
      { numRuns },
    );
  });

  test("values of a bound are each one literal, and are read back", () => {
    const storable = hostileText.filter(
      (text) => isName(text) && !["NULL", "MINVALUE", "MAXVALUE"].includes(text),
    );
    fc.assert(
      fc.property(fc.array(storable, { minLength: 1, maxLength: 3 }), (values) => {
        const sql = boundSql({ in: values });
        assert.deepEqual(
          lexSql(sql)
            .filter(({ kind }) => kind === "literal")
            .map(({ value }) => value),
          values,
        );
        // pg_get_expr never prints E''.
        if (!sql.includes("\\")) assert.deepEqual(parseBoundSql(sql), { in: values });
      }),
      { numRuns },
    );
  });

  test("an id is refused, or is the one that its parts make", () => {
    const part = fc.oneof(hostileText, fc.constantFrom("shop", '"a.b"', "."));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const id = parts.join(".");
        try {
          const parsed = parseId(id, "schema.table");
          assert.equal(parsed.length, 2);
          assert.deepEqual(parseId(formatId(parsed), "schema.table"), parsed);
        } catch (error) {
          assert.ok(error instanceof UserError, String(error));
        }
      }),
      { numRuns },
    );
  });
});
