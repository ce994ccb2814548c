import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { identifierFault, qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";

describe("an identifier", () => {
  test("is always quoted, and a quote inside cannot end it", () => {
    assert.equal(quoteIdentifier("e-commerce"), '"e-commerce"');
    assert.equal(qualify("shop", 'a"; DROP TABLE users; --'), '"shop"."a""; DROP TABLE users; --"');
    fc.assert(
      fc.property(fc.string(), (name) => {
        const inside = quoteIdentifier(name).slice(1, -1);
        assert.doesNotMatch(inside.replaceAll('""', ""), /"/);
        assert.equal(inside.replaceAll('""', '"'), name);
      }),
    );
  });

  test("is refused when it is empty, too long in bytes, reserved, or holds a NUL", () => {
    assert.match(identifierFault("") ?? "", /empty/);
    assert.match(identifierFault("é".repeat(32)) ?? "", /64 bytes/);
    assert.equal(identifierFault("é".repeat(31)), undefined);
    assert.match(identifierFault("pg_mine") ?? "", /reserves/);
    assert.match(identifierFault("a\0b") ?? "", /NUL/);
    assert.equal(identifierFault("select"), undefined);
  });
});

test("a literal cannot be ended from inside, backslashes included", () => {
  assert.equal(quoteLiteral("it's"), "'it''s'");
  assert.equal(quoteLiteral("a\\'b"), "E'a\\\\''b'");
});
