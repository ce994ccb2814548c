import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { commerceTables } from "../../../lib/commerce-model.ts";
import { decideSeed, type SeedSituation } from "../../../scripts/seed/seed-decision.ts";
import { appendPlan, freshPlan } from "../../../scripts/seed/seed-plan.ts";

const yesterday = freshPlan({ rows: 3, seed: 4, asOf: "2026-01-01" });
const all = new Set(commerceTables.map(({ name }) => name));
const some = new Set(["users", "categories"]);
const none = new Set<string>();

function situation(changes: Partial<SeedSituation>): SeedSituation {
  return { said: {}, append: false, reset: false, journal: undefined, filled: none, ...changes };
}

const writing = { identity: "a", phase: "write", plan: yesterday } as const;
const truncating = { identity: "a", phase: "truncate", plan: yesterday } as const;
const appending = {
  identity: "a",
  phase: "write",
  plan: appendPlan({ rows: 3, seed: 4, asOf: "2026-01-01" }, { users: 9 }, [1]),
} as const;

describe("what a seed does", () => {
  test("nine empty tables are filled", () => {
    const decision = decideSeed(situation({ said: { rows: 9 } }));
    assert.ok(decision.kind === "fresh" && decision.plan.rows === 9);
  });

  test("nine filled tables are left alone", () => {
    assert.deepEqual(decideSeed(situation({ filled: all })), { kind: "leave-alone" });
  });

  test("some filled tables are compared with what this seed would write", () => {
    const decision = decideSeed(situation({ filled: some }));
    assert.ok(decision.kind === "resume" && !decision.known);
  });

  test("an unfinished seed goes on with its own parameters, on another day too", () => {
    for (const filled of [some, all]) {
      assert.deepEqual(decideSeed(situation({ journal: writing, filled })), {
        kind: "resume",
        plan: yesterday,
        known: true,
      });
    }
    assert.deepEqual(decideSeed(situation({ journal: writing })), { kind: "fresh", plan: yesterday });
  });

  test("other parameters beside a half-written seed are refused, and named", () => {
    assert.throws(
      () => decideSeed(situation({ journal: writing, filled: some, said: { rows: 5 } })),
      /--rows 3 --seed 4 --as-of 2026-01-01 was cut off/,
    );
  });

  test("other parameters win while nothing is written", () => {
    const decision = decideSeed(situation({ journal: writing, said: { rows: 5 } }));
    assert.ok(decision.kind === "fresh" && decision.plan.rows === 5);
  });

  test("a reset that was cut off before it emptied the tables is forgotten: it has to be confirmed again", () => {
    assert.deepEqual(decideSeed(situation({ journal: truncating, filled: all })), { kind: "leave-alone" });
  });

  test("a reset that was cut off after it emptied the tables goes on", () => {
    assert.deepEqual(decideSeed(situation({ journal: truncating })), { kind: "fresh", plan: yesterday });
  });

  test("an append that was cut off goes on, with or without --append, and does not append twice", () => {
    for (const append of [true, false]) {
      const decision = decideSeed(situation({ journal: appending, filled: all, append }));
      assert.deepEqual(decision, { kind: "resume", plan: appending.plan, known: true });
    }
  });

  test("--append and --reset do as they say, whatever is there", () => {
    assert.equal(decideSeed(situation({ filled: some, append: true })).kind, "append");
    assert.equal(decideSeed(situation({ filled: some, journal: writing, reset: true })).kind, "reset");
  });
});
