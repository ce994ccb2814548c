import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { UserError } from "../../../lib/errors.ts";
import { identifierFault, qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import { hostileText, isName, isStorable } from "../../helpers/hostile-text.ts";
import { lexSql } from "../../helpers/sql-lexer.ts";

const numRuns = 2000;

/** What `quote` makes of a text that it may take, undefined when it refuses with a UserError. */
function quoted(quote: () => string): string | undefined {
  try {
    return quote();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.ok(error.message.length > 10);
    return undefined;
  }
}

describe("whatever the text", () => {
  test("a quoted name is one token that means it, or it is refused", () => {
    fc.assert(
      fc.property(hostileText, (name) => {
        const sql = quoted(() => quoteIdentifier(name));
        assert.equal(sql !== undefined, isName(name));
        if (sql !== undefined) assert.deepEqual(lexSql(sql), [{ kind: "identifier", value: name }]);
        const isReserved = /^pg_/i.test(name);
        assert.equal(identifierFault(name) === undefined, isName(name) && !isReserved);
      }),
      { numRuns },
    );
  });

  test("a quoted text is one token that means it, or it is refused", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const sql = quoted(() => quoteLiteral(text));
        assert.equal(sql !== undefined, isStorable(text));
        if (sql !== undefined) assert.deepEqual(lexSql(sql), [{ kind: "literal", value: text }]);
      }),
      { numRuns },
    );
  });

  test("neither reaches beyond its own place in a statement", () => {
    fc.assert(
      fc.property(hostileText, hostileText, hostileText, (schema, name, text) => {
        const sql = quoted(() => `COMMENT ON TABLE ${qualify(schema, name)} IS ${quoteLiteral(text)};`);
        if (sql === undefined) return;
        assert.deepEqual(
          lexSql(sql).map(({ value }) => value),
          ["COMMENT", "ON", "TABLE", schema, ".", name, "IS", text, ";"],
        );
      }),
      { numRuns },
    );
  });
});

describe("the lexer of these tests", () => {
  test("notices a quote that ends too early, or never", () => {
    for (const broken of ["'it's'", '"a"b"', "E'a\\'", "'"]) assert.throws(() => lexSql(broken), /no token/);
    assert.deepEqual(
      lexSql(`SELECT 'a''b', E'\\'x', "q""" -- end`).map(({ kind }) => kind),
      ["word", "literal", "operator", "literal", "operator", "identifier", "comment"],
    );
  });
});
