import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { commerceTables } from "../../../lib/commerce-model.ts";
import type { SeedRun } from "../../../scripts/seed/manifest.ts";
import { decideSeed, type SeedSituation } from "../../../scripts/seed/seed-decision.ts";
import { appendPlan, freshPlan, type SeedParameters } from "../../../scripts/seed/seed-plan.ts";

const parameters: SeedParameters = { size: { rows: 3 }, seed: 4, asOf: "2026-01-01", realistic: true };
const yesterday = freshPlan(parameters);
const all = new Set(commerceTables.map(({ name }) => name));
const some = new Set(["users", "categories"]);
const none = new Set<string>();

const finished: SeedRun = { runId: 1, plan: yesterday, isFinished: true };
const writing: SeedRun = { runId: 1, plan: yesterday, isFinished: false };
const appending: SeedRun = { runId: 2, plan: appendPlan(parameters, { users: 9 }, [1]), isFinished: false };

function situation(changes: Partial<SeedSituation>): SeedSituation {
  return { said: {}, append: false, reset: false, runs: [], filled: none, ...changes };
}

describe("what a seed does", () => {
  test("nine empty tables are filled, also when a seed is on record that somebody has emptied since", () => {
    for (const runs of [[], [finished]]) {
      const decision = decideSeed(situation({ said: { size: { scale: 9 } }, runs }));
      assert.ok(decision.kind === "fresh");
      assert.deepEqual(decision.plan.size, { scale: 9 });
    }
  });

  test("filled tables are left alone, all of them or some", () => {
    for (const filled of [all, some]) {
      for (const runs of [[], [finished]]) {
        assert.deepEqual(decideSeed(situation({ filled, runs })), { kind: "leave-alone" });
      }
    }
  });

  test("an unfinished seed goes on with its own parameters, on another day too", () => {
    for (const filled of [none, some, all]) {
      assert.deepEqual(decideSeed(situation({ runs: [writing], filled })), { kind: "go-on", run: writing });
    }
    const same = { size: { rows: 3 }, seed: 4 };
    assert.equal(decideSeed(situation({ runs: [writing], filled: some, said: same })).kind, "go-on");
  });

  test("other parameters beside a half-written seed are refused, and named", () => {
    for (const said of [{ size: { rows: 5 } }, { size: { scale: 3 } }, { seed: 5 }, { asOf: "2026-01-02" }]) {
      assert.throws(() => decideSeed(situation({ runs: [writing], filled: some, said })), {
        code: "seed-unfinished",
        message: /--rows 3 --seed 4 --as-of 2026-01-01 was cut off/,
      });
    }
  });

  test("an append beside a half-written seed is refused: the seed comes first", () => {
    const decide = (): unknown => decideSeed(situation({ runs: [writing], filled: some, append: true }));
    assert.throws(decide, { code: "seed-unfinished" });
  });

  test("other parameters win while nothing is written", () => {
    const decision = decideSeed(situation({ runs: [writing], said: { size: { rows: 5 } } }));
    assert.ok(decision.kind === "fresh");
    assert.deepEqual(decision.plan.size, { rows: 5 });
  });

  test("an append that was cut off goes on, with or without --append, and does not append twice", () => {
    for (const append of [true, false]) {
      const decision = decideSeed(situation({ runs: [finished, appending], filled: all, append }));
      assert.deepEqual(decision, { kind: "go-on", run: appending });
    }
  });

  test("--append and --reset do as they say, whatever is there", () => {
    assert.equal(decideSeed(situation({ filled: some, append: true })).kind, "append");
    assert.equal(decideSeed(situation({ filled: some, runs: [writing], reset: true })).kind, "reset");
  });
});
