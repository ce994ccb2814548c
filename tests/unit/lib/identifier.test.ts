import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { identifierFault, qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";

describe("an identifier", () => {
  test("is always quoted, and a quote inside cannot end it", () => {
    assert.equal(quoteIdentifier("e-commerce"), '"e-commerce"');
    assert.equal(qualify("shop", 'a"; DROP TABLE users; --'), '"shop"."a""; DROP TABLE users; --"');
  });

  test("is refused when it is empty, too long in bytes, reserved, or holds a NUL", () => {
    assert.match(identifierFault("") ?? "", /empty/);
    assert.match(identifierFault("é".repeat(32)) ?? "", /64 bytes/);
    assert.equal(identifierFault("é".repeat(31)), undefined);
    assert.match(identifierFault("pg_mine") ?? "", /reserves/);
    assert.match(identifierFault("a\0b") ?? "", /NUL/);
    assert.equal(identifierFault("select"), undefined);
    for (const name of ["", "a\0b", "\ud800", "a".repeat(64)]) {
      assert.throws(() => quoteIdentifier(name), { code: "identifier" });
    }
  });
});

test("a literal cannot be ended from inside, backslashes included", () => {
  assert.equal(quoteLiteral("it's"), "'it''s'");
  assert.equal(quoteLiteral("a\\'b"), "E'a\\\\''b'");
  for (const text of ["a\0b", "a\udc00"]) assert.throws(() => quoteLiteral(text), { code: "literal" });
});
