import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  defaultKeyName,
  keyIndexName,
  partName,
  temporaryName,
} from "../../../provider/pgddl/plan/made-up-name.ts";

const name = fc
  .string({ minLength: 1, maxLength: 63, unit: "grapheme" })
  .filter((text) => Buffer.byteLength(text) <= 63);

describe("names that the provider makes up", () => {
  test("fit into what PostgreSQL keeps, and stay the same", () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        for (const made of [temporaryName(one), keyIndexName(one), partName(one, other)]) {
          assert.ok(Buffer.byteLength(made) <= 63, made);
        }
        assert.equal(partName(one, other), partName(one, other));
        assert.ok(Buffer.byteLength(defaultKeyName(one, { columns: [other, other] }, false)) <= 63);
      }),
    );
  });

  test("of long names that begin alike are different", () => {
    const long = "a".repeat(61);
    assert.notEqual(temporaryName(`${long}x`), temporaryName(`${long}y`));
    assert.notEqual(keyIndexName(`${long}x`), keyIndexName(`${long}y`));
    assert.notEqual(partName(`${long}x`, "k"), partName(`${long}y`, "k"));
    assert.notEqual(partName("p", `${long}x`), partName("p", `${long}y`));
  });

  test("of keys are those that PostgreSQL would give", () => {
    assert.equal(defaultKeyName("users", { columns: ["id"] }, true), "users_pkey");
    assert.equal(defaultKeyName("users", { columns: ["email", "at"] }, false), "users_email_at_key");
    assert.equal(
      defaultKeyName("t".repeat(40), { columns: ["c".repeat(40)] }, false),
      `${"t".repeat(29)}_${"c".repeat(29)}_key`,
    );
  });
});
