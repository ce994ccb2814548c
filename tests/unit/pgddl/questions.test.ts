import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  existsIn,
  hasRows,
  isBig,
  noAnswers,
  offendingIn,
  sizeIn,
  tellOffending,
  versionIn,
} from "../../../provider/pgddl/plan/question.ts";

const table = { schema: "shop", name: "users" };

describe("a plan without an answer", () => {
  test("takes the safe side", () => {
    assert.equal(hasRows(noAnswers, table), true);
    assert.equal(existsIn(noAnswers, "anything"), true);
    assert.equal(isBig(noAnswers, table), true);
    assert.equal(offendingIn(noAnswers, "nulls"), undefined);
    assert.equal(sizeIn(noAnswers, table), undefined);
    assert.equal(versionIn(noAnswers), 150_000);
  });

  test("does not take an answer of another shape for one", () => {
    assert.throws(() => versionIn(new Map([["version", [{ number: "17" }]]])));
  });
});

test("rows in the way are told by their keys, and by their number when there are more", () => {
  assert.equal(tellOffending({ count: 1, keys: ["[7]"] }), "1 row: [7]");
  assert.equal(tellOffending({ count: 2, keys: ["[7]", "[9]"] }), "2 rows: [7], [9]");
  assert.equal(tellOffending({ count: 1000, keys: ["[7]"] }), "1000 or more rows, the first [7]");
});
