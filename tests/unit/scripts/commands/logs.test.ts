import assert from "node:assert/strict";
import { test } from "node:test";
import { isPart } from "../../../../scripts/commands/logs.ts";

test("a part is named by itself or by its kind", () => {
  assert.equal(isPart("pg-1", "pg-1"), true);
  assert.equal(isPart("pg-1", "pg"), true);
  assert.equal(isPart("proxy-1", "proxy"), true);
  assert.equal(isPart("pg-11", "pg-1"), false);
  assert.equal(isPart("etcd-1", "pg"), false);
});
