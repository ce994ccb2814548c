import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { firstDifference } from "../../../scripts/queries/compare-answer.ts";
import { FirstRows } from "../../../scripts/queries/expected/first-rows.ts";
import { amount, average, columnOf } from "../../../scripts/queries/expected/row-values.ts";
import { queryAsJson, queryAsText, queryList } from "../../../scripts/queries/print-query.ts";
import { findQuery } from "../../../scripts/queries/query-parameters.ts";
import { shopQueries } from "../../../scripts/queries/shop-queries.ts";

describe("two answers", () => {
  const columns = ["id", "name"];
  const rows = [
    ["1", "a"],
    ["2", null],
  ];

  test("are equal value by value", () => {
    assert.equal(firstDifference(columns, rows, [...rows]), undefined);
    assert.equal(firstDifference(columns, [], []), undefined);
  });

  test("differ by the first value that differs, a null and a missing row among them", () => {
    assert.equal(firstDifference(columns, rows, [["1", "b"], []]), 'row 1: name is "b", not "a"');
    assert.equal(
      firstDifference(columns, rows, [
        ["1", "a"],
        ["2", ""],
      ]),
      'row 2: name is "", not null',
    );
    assert.equal(firstDifference(columns, rows, [["1", "a"]]), "1 rows, not 2");
    assert.equal(firstDifference(columns, [["1", "a"]], rows), "2 rows, not 1");
    assert.equal(firstDifference(columns, [["1", "a"]], [["1"]]), "row 1 has 1 values, not 2");
  });

  test("differ in the order of rows, too", () => {
    assert.notEqual(firstDifference(columns, rows, rows.toReversed()), undefined);
  });
});

describe("what expectations are made of", () => {
  test("the first rows of many are those of a sort", () => {
    const values = Array.from({ length: 500 }, (_, at) => (at * 7919) % 503);
    for (const limit of [1, 3, 499, 500, 600]) {
      const first = new FirstRows<number>(limit, (a, b) => b - a);
      for (const value of values) first.offer(value);
      assert.deepEqual(first.rows, values.toSorted((a, b) => b - a).slice(0, limit), String(limit));
    }
  });

  test("amounts have two places, and an average rounds a half up, as numeric does", () => {
    assert.deepEqual([0, 5, 12, 1250, 1_000_001].map(amount), ["0.00", "0.05", "0.12", "12.50", "10000.01"]);
    assert.equal(average(801, 200), "0.04");
    // 4.005 and a hair less.
    assert.equal(average(80_100, 200), "4.01");
    assert.equal(average(80_099, 200), "4.00");
    assert.equal(average(1000, 3), "3.33");
    assert.equal(average(2000, 3), "6.67");
  });

  test("a column that the model does not have is refused", () => {
    assert.throws(() => columnOf("orders", "price"), /orders\.price/);
  });
});

describe("a query's answer in print", () => {
  const query = findQuery("stock-alerts");
  const run = {
    query,
    values: { quantity: "5", limit: "20" },
    answer: {
      columns: [...query.columns],
      rows: [["1", `A ${"very ".repeat(50)}long name`, null, "0", "3", "0"]],
    },
    reads: [{ schema: "shop", table: "products", indexes: ["products_idx"], sequential: [], beginnings: [] }],
  };

  test("has what was asked, the rows and the plan, no line wider than the terminal", () => {
    const text = queryAsText(run, 100);
    for (const line of text.split("\n").slice(1)) assert.ok(line.length <= 100, line);
    assert.match(text, /^Products of which hardly any are left.*: --quantity 5 --limit 20\n/);
    assert.match(text, /│ 1 +│ A very .*…/);
    assert.ok(text.endsWith("1 row\nplan: shop.products by products_idx\n"));
  });

  test("is whole where no terminal says how wide", () => {
    assert.ok(queryAsText(run).includes(`${"very ".repeat(50)}long name`));
  });

  test("is one JSON document for machines", () => {
    assert.deepEqual(JSON.parse(queryAsJson(run)), {
      ...{ query: "stock-alerts", parameters: run.values, columns: query.columns },
      ...{ rows: run.answer.rows, plan: run.reads },
    });
  });

  test("the list has every query with its parameters", () => {
    const list = queryList(shopQueries);
    for (const { name, title, parameters } of shopQueries) {
      assert.ok(list.includes(`${name}\n  ${title}\n`));
      for (const parameter of parameters) assert.ok(list.includes(`--${parameter.name} `));
    }
  });
});
