import assert from "node:assert/strict";
import { test } from "node:test";
import { allEnded } from "../../../lib/all-ended.ts";

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
