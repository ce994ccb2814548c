import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Overrides } from "../../../provider/pgddl/plan/overrides.ts";
import { noAnswers } from "../../../provider/pgddl/plan/question.ts";
import { quickly, type Plan } from "../../../provider/pgddl/plan/statement.ts";
import { assemble, PartBuilder, type PlannedChange } from "../../../provider/pgddl/plan/table-part.ts";
import { wantTable } from "../../../provider/pgddl/plan/wanted-table.ts";
import { catalogOf } from "../../helpers/ddl-case/table.ts";

const spec = {
  schema: "shop",
  name: "users",
  owner: "shop_owner",
  columns: [{ name: "id", type: "integer" }],
};
const live = catalogOf(spec);
const change: PlannedChange = {
  live,
  wanted: wantTable(spec),
  recorded: { spec, catalog: live },
  nameNow: (column) => column,
  nullHelpers: new Map(),
  answers: noAnswers,
  overrides: new Overrides({}),
  table: spec,
  isPartitioned: false,
};
const sqlOf = (plan: Plan): string[] =>
  plan.map((step) => `${step.role ?? "self"}: ${step.statements.map(({ sql }) => sql).join(", ")}`);

describe("the parts of a table's change", () => {
  test("are put in the order of their phases, and quick neighbours share a transaction", () => {
    const [a, b] = [new PartBuilder(change), new PartBuilder(change)];
    a.quick("finish", quickly("comment"));
    a.quick("alter", quickly("add"));
    b.quick("rename", quickly("rename"));
    b.alone("tighten", quickly("validate"));
    b.quick("alter", quickly("default"));
    assert.deepEqual(sqlOf(assemble(change, [a, b]).plan), [
      "shop_owner: rename, add, default",
      "shop_owner: validate",
      "shop_owner: comment",
    ]);
  });

  test("never share a transaction with what commits by itself or has other rights", () => {
    const part = new PartBuilder(change);
    part.quick("build", quickly("a"));
    part.outside("build", quickly("b"));
    part.quick("build", quickly("c"));
    part.asSelf("build", quickly("d"));
    part.quick("build", quickly("e"));
    assert.deepEqual(sqlOf(assemble(change, [part]).plan), [
      "shop_owner: a",
      "shop_owner: b",
      "shop_owner: c",
      "self: d",
      "shop_owner: e",
    ]);
  });

  test("come to nothing when one of them refuses", () => {
    const part = new PartBuilder(change);
    part.change("comment");
    part.quick("finish", quickly("comment"));
    part.refuse({ path: "name", from: "a", to: "b", why: "so", hint: "do" });
    const { plan, changes } = assemble(change, [part]);
    assert.deepEqual(plan, []);
    assert.deepEqual(
      changes.map(({ path }) => path),
      ["comment", "name"],
    );
  });
});
