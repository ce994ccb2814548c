import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UserError } from "../../../lib/errors.ts";
import { describeParameters, findQuery, parseParameters } from "../../../scripts/queries/query-parameters.ts";
import { shopQueries } from "../../../scripts/queries/shop-queries.ts";

const bestSellers = findQuery("best-sellers");

describe("the parameters of a query", () => {
  test("follow their names, after a space or an equals sign", () => {
    assert.deepEqual(parseParameters(bestSellers, ["--category", "Home & Garden", "--day=2026-11-22"]), {
      category: "Home & Garden",
      day: "2026-11-22",
    });
    assert.deepEqual(parseParameters(bestSellers, []), {});
    assert.deepEqual(parseParameters(findQuery("stock-alerts"), ["--quantity", "0"]), { quantity: "0" });
  });

  test("are refused with every fault at once, and what there is", () => {
    const { message, hint } = refusal(() =>
      parseParameters(bestSellers, [
        ...["stray", "--day", "2026-02-30", "--days", "0", "--bogus", "7"],
        ...["--limit", "5", "--limit=6", "--category"],
      ]),
    );
    assert.deepEqual(message.split("\n"), [
      '"stray" follows no parameter',
      '--day: "2026-02-30" is no day of the calendar; write YYYY-MM-DD',
      '--days: "0" is no count; give a whole number from 1 to 1000',
      "--bogus: best-sellers has no such parameter",
      "--limit: stands there twice",
      "--category: has no value; give a text, for instance Books",
    ]);
    assert.equal(hint, describeParameters(bestSellers).join("\n"));
  });

  const wrong: [string, string, readonly string[]][] = [
    ["customer-history", "customer", ["0", "-3", "1.5", "x", "2147483648", ""]],
    ["stock-alerts", "quantity", ["-1", "2147483648", "some"]],
    ["best-sellers", "limit", ["1001", "1e3", " 5"]],
    ["best-sellers", "day", ["0000-01-01", "2026-1-1", "today", "2026-11-31"]],
    ["best-sellers", "category", ["", "a\0b"]],
  ];
  for (const [name, parameter, values] of wrong) {
    test(`--${parameter} of ${name} is checked`, () => {
      for (const value of values) {
        const { message } = refusal(() => parseParameters(findQuery(name), [`--${parameter}=${value}`]));
        assert.match(message, new RegExp(`^--${parameter}: "`), value);
      }
    });
  }

  test("have defaults of their own kind", () => {
    for (const query of shopQueries) {
      const said = query.parameters.flatMap(({ name, fallback }) =>
        "value" in fallback ? [`--${name}=${fallback.value}`] : [],
      );
      parseParameters(query, said);
    }
  });
});

test("a name that no query has is refused with those there are", () => {
  const { message, hint } = refusal(() => findQuery("bestsellers"));
  assert.equal(message, 'no query is named "bestsellers"');
  for (const { name } of shopQueries) assert.ok(hint?.includes(name), name);
});

function refusal(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  return assert.fail("it was not refused");
}
