import assert from "node:assert/strict";
import { test } from "node:test";
import { Groups } from "../../../provider/pgddl/kinds/groups.ts";

test("a group is read once for all its members, and again after a change", async () => {
  const groups = new Groups<string>();
  let reads = 0;
  const read = (): Promise<ReadonlyMap<string, string>> => {
    reads += 1;
    return Promise.resolve(new Map([["a", String(reads)]]));
  };
  const all = await Promise.all(Array.from({ length: 300 }, () => groups.of("users", read)));
  assert.equal(reads, 1);
  assert.ok(all.every((members) => members.get("a") === "1"));
  groups.forget();
  assert.equal((await groups.of("users", read)).get("a"), "2");
});

test("a read that failed is tried again by the next reader", async () => {
  const groups = new Groups<string>();
  await assert.rejects(
    groups.of("users", () => Promise.reject(new Error("down"))),
    /down/,
  );
  assert.equal((await groups.of("users", () => Promise.resolve(new Map([["a", "b"]])))).size, 1);
});
