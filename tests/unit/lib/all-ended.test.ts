import assert from "node:assert/strict";
import { test } from "node:test";
import { allEnded, shareOut } from "../../../lib/all-ended.ts";

test("a failure is told when the others have ended, too, and the first in the list is told", async () => {
  const slow = Promise.withResolvers<undefined>();
  let isTold = false;
  const told = allEnded([
    slow.promise,
    Promise.reject(new Error("first")),
    Promise.reject(new Error("second")),
  ]).catch((error: unknown) => {
    isTold = true;
    return error;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isTold, false);
  slow.resolve(undefined);
  assert.match(String(await told), /first/);
});

test("all that succeeds is a success", async () => {
  await allEnded([Promise.resolve(1), Promise.resolve("a")]);
  await allEnded([]);
});

test("several share a list out: each item is taken once, and one that fails leaves the rest to the others", async () => {
  const taken: string[] = [];
  const sharing = shareOut(["a", "b"], [10, 11, 12, 13], async (taker, item, at) => {
    taken.push(`${item} at ${at}`);
    await new Promise((resolve) => setImmediate(resolve));
    if (taker === "a") throw new Error("a has failed");
  });
  await assert.rejects(sharing, /a has failed/);
  assert.deepEqual(taken, ["10 at 0", "11 at 1", "12 at 2", "13 at 3"]);
});
