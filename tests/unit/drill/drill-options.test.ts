import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UserError } from "../../../lib/errors.ts";
import { listFaults } from "../../../scripts/commands/drill.ts";
import { planDrill, type DrillArguments } from "../../../scripts/drill/drill-options.ts";
import { faults } from "../../../scripts/drill/faults/faults.ts";

const plan = (names: readonly string[], args: DrillArguments = {}) => planDrill(names, args, () => 42);
const refusal = (names: readonly string[], args: DrillArguments = {}): string => {
  try {
    plan(names, args);
  } catch (error) {
    assert.ok(error instanceof UserError);
    return `${error.message} ${error.hint ?? ""}`;
  }
  return "";
};

describe("the arguments of drill", () => {
  test("name faults, as often as --rounds says", () => {
    const found = plan(["kill", "cut"], { rounds: "3" });
    assert.deepEqual([found.kind, found.faults.map(({ name }) => name)], ["named", ["kill", "cut"]]);
    assert.ok(found.kind === "named" && found.rounds === 3);
  });

  test("mean with --all every fault that needs nobody's hand", () => {
    const names = plan([], { all: true }).faults.map(({ name }) => name);
    assert.equal(names.length, faults.length - 1);
    assert.ok(!names.includes("docker-restart"));
  });

  test("take a time or a number of faults for --chaos, and a seed or one of their own", () => {
    const timed = plan([], { chaos: "10m", seed: "7" });
    assert.ok(timed.kind === "chaos");
    assert.deepEqual([timed.seed, timed.until], [7, { ms: 600_000 }]);
    const counted = plan(["kill", "proxy"], { chaos: "6" });
    assert.ok(counted.kind === "chaos");
    assert.deepEqual([counted.seed, counted.until, counted.faults.length], [42, { faults: 6 }, 2]);
    assert.ok(timed.faults.every(({ isByHand }) => !isByHand));
  });

  test("are refused with what was received, what is allowed and the fix", () => {
    assert.match(refusal([]), /no fault is named.*drill kill cut.*--list/);
    assert.match(refusal(["explode"]), /"explode" is no fault.*There are: kill, stop, freeze/);
    assert.match(refusal(["kill"], { rounds: "0" }), /--rounds received "0".*1 to 999/);
    assert.match(refusal([], { chaos: "soon" }), /--chaos received "soon".*10m.*such as 6/);
    assert.match(refusal([], { chaos: "6", seed: "x" }), /--seed received "x"/);
    assert.match(refusal(["kill"], { seed: "7" }), /--seed is for --chaos/);
    assert.match(refusal(["kill"], { all: true }), /exclude each other/);
    assert.match(refusal([], { all: true, chaos: "6" }), /without --all/);
    assert.match(refusal(["docker-restart"], { chaos: "6" }), /made by hand/);
  });
});

describe("the list of faults", () => {
  test("says of each what it does and what is expected, and what cannot be made", () => {
    const list = listFaults();
    for (const { name, title, expected } of faults) {
      assert.ok(list.includes(name) && list.includes(title) && list.includes(expected), name);
    }
    assert.match(list, /clock jump: cannot be made here/);
    assert.equal(new Set(faults.map(({ name }) => name)).size, faults.length);
  });
});
