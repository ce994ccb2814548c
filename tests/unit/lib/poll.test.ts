import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "../../../lib/poll.ts";

describe("a wait", () => {
  test("ends with the first value that is not undefined", async () => {
    let tries = 0;
    const value = await eventually({ what: "three", withinMs: 5000, everyMs: 1 }, async () => {
      tries += 1;
      if (tries === 1) throw new Error("not yet");
      return tries === 3 ? "there" : undefined;
    });
    assert.equal(value, "there");
    assert.equal(tries, 3);
  });

  test("that is too long names what was waited for and what was seen last", async () => {
    const wait = eventually({ what: "a replica", withinMs: 5, everyMs: 1 }, async (observe) => {
      observe("1 of 2 streaming");
      return undefined;
    });
    await assert.rejects(wait, /waited 0 s for a replica; last seen: 1 of 2 streaming/);
  });

  test("ends at once when it is cancelled", async () => {
    const signal = AbortSignal.abort(new Error("cancelled by the user"));
    await assert.rejects(
      eventually({ what: "anything", withinMs: 60_000, signal }, async () => undefined),
      /cancelled by the user/,
    );
  });
});
