import assert from "node:assert/strict";
import { test } from "node:test";
import { relationsOf } from "../../../scripts/check/checks/partition-pruning.ts";

test("the relations of a plan are found at any depth, with their schema", () => {
  const plan = [
    {
      Plan: {
        "Node Type": "Append",
        Plans: [
          { "Node Type": "Seq Scan", Schema: "shop", "Relation Name": "users_2020" },
          { "Node Type": "Gather", Plans: [{ "Relation Name": "users_2021", Schema: "shop" }] },
        ],
      },
    },
  ];
  assert.deepEqual(relationsOf(plan), ["shop.users_2020", "shop.users_2021"]);
});

test("a plan that scans nothing has none", () => {
  assert.deepEqual(relationsOf([{ Plan: { "Node Type": "Result" } }]), []);
});

test("what is no plan is refused, not taken for an empty one", () => {
  assert.throws(() => relationsOf([]));
  assert.throws(() => relationsOf(undefined));
});
