import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UserError } from "../../../lib/errors.ts";
import { parseSeedOptions, withDefaults } from "../../../scripts/seed/seed-options.ts";

describe("the options of a seed", () => {
  test("what was not said is left out, so that an unfinished seed can fill it in", () => {
    assert.deepEqual(parseSeedOptions({}), {});
    assert.deepEqual(parseSeedOptions({ rows: "9" }), { size: { rows: 9 } });
  });

  test("without options: 50 rows, a fixed seed, today", () => {
    const { size, seed, asOf, realistic } = withDefaults({});
    assert.deepEqual([size, seed, realistic], [{ rows: 50 }, 512, true]);
    assert.match(asOf, /^\d{4}-\d{2}-\d{2}$/);
  });

  for (const rows of ["1", "1000000", 1]) {
    test(`--rows ${rows} is allowed`, () => {
      assert.deepEqual(parseSeedOptions({ rows }).size, { rows: Number(rows) });
    });
  }

  for (const rows of ["0", "-1", "1000001", "1.5", "1e3", "", " 5", "ten", NaN]) {
    test(`--rows "${rows}" is refused with the value, the range and an example`, () => {
      assert.throws(
        () => parseSeedOptions({ rows }),
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
      () => parseSeedOptions({ rows: 0, seed: -1, asOf: "2026-02-30", append: true, reset: true }),
      (error: unknown) => error instanceof UserError && error.message.split("\n").length === 4,
    );
  });
});

describe("the size of a seed", () => {
  test("--scale is a size of its own, with its own range", () => {
    assert.deepEqual(parseSeedOptions({ scale: "7" }).size, { scale: 7 });
    assert.throws(
      () => parseSeedOptions({ scale: "50001" }),
      /from 1 to 50000; give for instance --scale 10/,
    );
    assert.throws(() => parseSeedOptions({ scale: 1, rows: 1 }), /--rows: cannot stand beside --scale/);
  });

  test("a decade that has just begun is too short for a shop, and not for independent draws", () => {
    assert.throws(() => parseSeedOptions({ asOf: "2030-03-31" }), /within 90 days of its decade's begin/);
    assert.deepEqual(parseSeedOptions({ asOf: "2030-03-31", realistic: false }).asOf, "2030-03-31");
    assert.equal(parseSeedOptions({ asOf: "2030-04-01" }).asOf, "2030-04-01");
  });
});
