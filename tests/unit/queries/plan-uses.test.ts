import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { planUses } from "../../../scripts/queries/plan-uses.ts";

const relation = (name: string, type: string, more: object = {}): object => ({
  ...{ "Node Type": type, Schema: "shop", "Relation Name": name, ...more },
});
const explained = (plan: object): unknown => [{ Plan: plan, "Planning Time": 0.1 }];

describe("the scans of a plan", () => {
  test("are found at any depth, each with its index", () => {
    const plan = explained({
      "Node Type": "Limit",
      Plans: [
        {
          "Node Type": "Nested Loop",
          Plans: [
            relation("orders", "Index Only Scan", { "Index Name": "orders_order_date_idx" }),
            relation("users", "Index Scan", { "Index Name": "users_pkey", "Parent Relationship": "SubPlan" }),
            relation("products", "Seq Scan", { "Parallel Aware": true }),
          ],
        },
      ],
    });
    assert.deepEqual(
      planUses(plan).map((scan) => [scan.schema, scan.relation, scan.indexes, scan.loops]),
      [
        ["shop", "orders", ["orders_order_date_idx"], undefined],
        ["shop", "users", ["users_pkey"], undefined],
        ["shop", "products", [], undefined],
      ],
    );
  });

  test("have all indexes that a bitmap is made of", () => {
    const bitmap = (index: string): object => ({ "Node Type": "Bitmap Index Scan", "Index Name": index });
    const plan = explained(
      relation("reviews", "Bitmap Heap Scan", {
        Plans: [{ "Node Type": "BitmapOr", Plans: [bitmap("one_idx"), bitmap("other_idx")] }],
      }),
    );
    assert.deepEqual(planUses(plan)[0]?.indexes, ["one_idx", "other_idx"]);
  });

  test("say beside which others a partition stands, and how often each was looked into", () => {
    const leaf = (year: number, loops: number): object =>
      relation(`users_${year}`, "Index Scan", {
        ...{ "Index Name": `users_${year}_pkey`, "Actual Loops": loops },
      });
    const append = { "Node Type": "Append", "Actual Loops": 20, Plans: [leaf(2020, 0), leaf(2021, 20)] };
    const scans = planUses(explained({ "Node Type": "Result", Plans: [append, append] }));
    assert.deepEqual(
      scans.map(({ relation: name, loops, among }) => [name, loops, among]),
      [
        ["users_2020", 0, { group: 1, loops: 20 }],
        ["users_2021", 20, { group: 1, loops: 20 }],
        ["users_2020", 0, { group: 2, loops: 20 }],
        ["users_2021", 20, { group: 2, loops: 20 }],
      ],
    );
  });

  test("say how many rows were looked at each time, those that a filter threw away among them", () => {
    const run = { "Actual Loops": 3, "Actual Rows": 2, "Rows Removed by Filter": 40 };
    const [looked, unknown] = [run, {}].map(
      (more) => planUses(explained(relation("users", "Seq Scan", more)))[0],
    );
    assert.equal(looked?.rowsRead, 42);
    assert.equal(unknown?.rowsRead, undefined);
  });

  test("are none where nothing is scanned", () => {
    assert.deepEqual(planUses(explained({ "Node Type": "Result" })), []);
  });
});

describe("what is no plan is refused, not taken for one that scans nothing", () => {
  const nonsense: unknown[] = [undefined, [], [{}], [{ Plan: {} }], "Seq Scan on orders"];
  for (const plan of nonsense) {
    test(plan === undefined ? "nothing" : JSON.stringify(plan), () => {
      assert.throws(() => planUses(plan));
    });
  }

  test("a way to read a relation that nobody has thought of", () => {
    assert.throws(() => planUses(explained(relation("orders", "Foreign Scan"))), /Foreign Scan of orders/);
  });
});
