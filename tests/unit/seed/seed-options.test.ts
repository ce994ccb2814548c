import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UserError } from "../../../lib/errors.ts";
import { parseSeedOptions, withDefaults } from "../../../scripts/seed/seed-options.ts";

const journal = "/unused";

describe("the options of a seed", () => {
  test("what was not said is left out, so that an unfinished seed can fill it in", () => {
    assert.deepEqual(parseSeedOptions({ journal }), {});
    assert.deepEqual(parseSeedOptions({ journal, rows: "9" }), { rows: 9 });
  });

  test("without options: 50 rows, a fixed seed, today", () => {
    const { rows, seed, asOf } = withDefaults({});
    assert.deepEqual([rows, seed], [50, 512]);
    assert.match(asOf, /^\d{4}-\d{2}-\d{2}$/);
  });

  for (const rows of ["1", "1000000", 1]) {
    test(`--rows ${rows} is allowed`, () => {
      assert.equal(parseSeedOptions({ journal, rows }).rows, Number(rows));
    });
  }

  for (const rows of ["0", "-1", "1000001", "1.5", "1e3", "", " 5", "ten", NaN]) {
    test(`--rows "${rows}" is refused with the value, the range and an example`, () => {
      assert.throws(
        () => parseSeedOptions({ journal, rows }),
        (error: unknown) =>
          error instanceof UserError &&
          error.code === "seed-options" &&
          error.message ===
            `--rows: "${rows}" is not a whole number from 1 to 1000000; give for instance --rows 50`,
      );
    });
  }

  test("every fault is told at once", () => {
    assert.throws(
      () => parseSeedOptions({ journal, rows: 0, seed: -1, asOf: "2026-02-30", append: true, reset: true }),
      (error: unknown) => error instanceof UserError && error.message.split("\n").length === 4,
    );
  });
});
