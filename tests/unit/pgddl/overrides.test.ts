import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Overrides } from "../../../provider/pgddl/plan/overrides.ts";

describe("permissions", () => {
  test("hold for the target that they name and for no other", () => {
    const overrides = new Overrides({ allowDataLoss: ["column:email"] });
    assert.equal(overrides.allows("allowDataLoss", "column:mail"), false);
    assert.equal(overrides.allows("allowRewrite", "column:email"), false);
    assert.equal(overrides.allows("allowDataLoss", "column:email"), true);
    assert.deepEqual(overrides.unused({}), { warnings: [], refusals: [] });
  });

  test("that name nothing are a mistake when they are new", () => {
    const overrides = new Overrides({ allowDataLoss: ["rows"], allowRewrite: ["column:price"] });
    const { refusals, warnings } = overrides.unused({ allowDataLoss: ["rows"] });
    assert.deepEqual(
      refusals.map(({ path }) => path),
      ["allowRewrite[0]"],
    );
    assert.match(warnings.join(), /allowDataLoss names rows, which nothing needs any more/);
    assert.equal(warnings.length, 1);
  });

  test("of an object that is just made are told, not refused", () => {
    const { refusals, warnings } = new Overrides({ allowRewrite: ["table"] }).unused(undefined);
    assert.deepEqual([refusals.length, warnings.length], [0, 1]);
  });
});
