import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { attemptUntil } from "../../../../lib/client/attempts.ts";
import { DeadlineExceeded } from "../../../../lib/client/errors.ts";
import { Unavailable } from "../../../../lib/client/faults.ts";

const patience = { what: "an answer", withinMs: 60_000 };
const lost = (): Unavailable => new Unavailable("lost", "pg-1 is silent");

describe("attempts", () => {
  test("go on as long as the fault may pass", async () => {
    let tries = 0;
    const result = await attemptUntil(patience, async () => {
      tries += 1;
      if (tries < 4) throw lost();
      return tries;
    });
    assert.equal(result, 4);
  });

  test("end at once with an error that would come again", async () => {
    let tries = 0;
    const attempt = async (): Promise<never> => {
      tries += 1;
      throw new Error("out of stock");
    };
    await assert.rejects(attemptUntil(patience, attempt), /^Error: out of stock$/);
    assert.equal(tries, 1);
  });

  test("end with their deadline, and say what the last one said", async () => {
    const attempt = async (): Promise<never> => {
      throw lost();
    };
    const begin = performance.now();
    await assert.rejects(
      attemptUntil({ ...patience, withinMs: 40 }, attempt),
      (error) =>
        error instanceof DeadlineExceeded && /an answer; last seen: pg-1 is silent/.test(error.message),
    );
    assert.ok(performance.now() - begin < 5000);
  });

  test("are told how much time is left", async () => {
    const left = await attemptUntil(patience, async (until) => until - performance.now());
    assert.ok(left > 50_000 && left <= 60_000);
  });

  test("know what else is worth another one", async () => {
    let tries = 0;
    const attempt = async (): Promise<string> => {
      tries += 1;
      if (tries === 1) throw new Error("mine");
      return "done";
    };
    assert.equal(await attemptUntil(patience, attempt, () => true), "done");
  });
});
