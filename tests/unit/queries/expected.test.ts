import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { expectations, expectedAnswers } from "../../../scripts/queries/expected/expectations.ts";
import { casesOf, describeCase } from "../../../scripts/queries/query-cases.ts";
import { findQuery } from "../../../scripts/queries/query-parameters.ts";
import { shopQueries } from "../../../scripts/queries/shop-queries.ts";
import type { QueryValues } from "../../../scripts/queries/shop-query.ts";
import { Generator } from "../../../scripts/seed/generate/generator.ts";
import { freshPlan } from "../../../scripts/seed/seed-plan.ts";
import { allRows, naiveAnswer } from "../../helpers/naive-answers.ts";

const asOf = "2026-11-22";
const plans = {
  "a shop of scale": freshPlan({ size: { scale: 2 }, realistic: true, seed: 11, asOf }),
  "a shop of rows": freshPlan({ size: { rows: 300 }, realistic: true, seed: 8, asOf }),
  "uniform rows": freshPlan({ size: { rows: 900 }, realistic: false, seed: 9, asOf }),
  "a shop of a few rows": freshPlan({ size: { rows: 3 }, realistic: true, seed: 512, asOf }),
};

test("every query has its expectation, and no other is there", () => {
  assert.deepEqual(Object.keys(expectations).sort(), shopQueries.map(({ name }) => name).sort());
});

describe("the expected answers are those of a look at all rows", () => {
  for (const [what, plan] of Object.entries(plans)) {
    test(what, async () => {
      const cases = await casesOf(plan, await Generator.of(plan));
      const answers = await expectedAnswers(plan, cases);
      const tables = await allRows(plan);
      for (const [at, each] of cases.entries()) {
        assert.deepEqual(answers[at], naiveAnswer(tables, each), describeCase(each));
        for (const row of answers[at] ?? []) assert.equal(row.length, each.query.columns.length);
      }
    });
  }
});

describe("with other values, too", () => {
  const values: [string, QueryValues][] = [
    ["customer-history", { customer: "5", limit: "1" }],
    ["customer-history", { customer: "999999", limit: "5" }],
    ["best-sellers", { category: "Books", day: "2026-08-15", days: "7", limit: "1000" }],
    ["best-sellers", { category: "no category", day: "2026-08-15", days: "7", limit: "3" }],
    ["best-sellers", { category: "Clothing", day: "1999-12-31", days: "1", limit: "3" }],
    ["revenue-by-month", { day: "2026-02-14", months: "3" }],
    ["revenue-by-month", { day: "2027-01-31", months: "30" }],
    ["open-shipments", { day: "2026-01-01", limit: "7" }],
    ["stock-alerts", { quantity: "0", limit: "1000" }],
    ["stock-alerts", { quantity: "60", limit: "1000" }],
    ["product-page", { product: "9", limit: "1" }],
    ["product-page", { product: "999999", limit: "3" }],
  ];
  for (const name of ["a shop of scale", "uniform rows"] as const) {
    test(name, async () => {
      const cases = values.map(([query, of]) => ({ query: findQuery(query), values: of }));
      const answers = await expectedAnswers(plans[name], cases);
      const tables = await allRows(plans[name]);
      for (const [at, each] of cases.entries()) {
        assert.deepEqual(answers[at], naiveAnswer(tables, each), describeCase(each));
      }
    });
  }
});

describe("what is asked of a plan", () => {
  test("is every query, with busy, any and idle customers and products", async () => {
    const plan = plans["a shop of scale"];
    const cases = await casesOf(plan, await Generator.of(plan));
    const count = (name: string): number => cases.filter(({ query }) => query.name === name).length;
    assert.deepEqual(
      shopQueries.map(({ name }) => [name, count(name)]),
      [
        ["customer-history", 3],
        ["best-sellers", 2],
        ["revenue-by-month", 1],
        ["open-shipments", 1],
        ["stock-alerts", 1],
        ["product-page", 3],
      ],
    );
    const answers = await expectedAnswers(plan, cases);
    const rows = cases.map(({ query }, at): [string, number] => [query.name, answers[at]?.length ?? 0]);
    const of = (name: string): number[] => rows.filter(([query]) => query === name).map(([, each]) => each);
    // The busiest fills the page, the idle one has nothing on it.
    assert.equal(of("customer-history")[0], 20);
    assert.equal(of("customer-history")[2], 0);
    assert.equal(of("product-page")[0], 10);
    assert.deepEqual(of("best-sellers"), [10, 10]);
    assert.deepEqual(of("revenue-by-month"), [12]);
    assert.deepEqual(of("open-shipments"), [20]);
  });

  test("is the same for the same plan", async () => {
    const plan = plans["uniform rows"];
    const [one, other] = [await Generator.of(plan), await Generator.of(plan)];
    assert.deepEqual(await casesOf(plan, one), await casesOf(plan, other));
  });
});
