import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { describe, test } from "node:test";
import { isDeadHere, parseAcquired } from "../../../../lib/cluster/planned-work.ts";

describe("the key of planned work", () => {
  test("is mine, or somebody's with what is under way and for how long", () => {
    assert.equal(parseAcquired("MINE 694d8f1\n")?.isMine, true);
    assert.deepEqual(parseAcquired('THEIRS 694d8f2 34 {"what":"a switchover","by":"me"}\n'), {
      ...{ isMine: false, lease: "694d8f2", secondsLeft: 34 },
      value: '{"what":"a switchover","by":"me"}',
    });
    assert.equal(parseAcquired(""), undefined);
  });

  test("is taken from a process of this host that is dead, and from no other", () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    assert.equal(isDeadHere(`process ${pid} on ${hostname()}`), true);
    assert.equal(isDeadHere(`process ${process.pid} on ${hostname()}`), false);
    assert.equal(isDeadHere(`process ${pid} on another-${hostname()}`), false);
    assert.equal(isDeadHere("a person"), false);
  });
});
