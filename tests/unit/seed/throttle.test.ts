import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { limits, reasonToWait, type Backlog } from "../../../scripts/seed/load/throttle.ts";

const calm: Backlog = { replayBytes: 0, slotBytes: 0, slot: null, freeBytes: undefined };

describe("a seed holds back", () => {
  test("not at all while replicas keep up", () => {
    assert.equal(
      reasonToWait({ ...calm, replayBytes: limits.pauseAt, freeBytes: limits.leastFree }, false),
      undefined,
    );
  });

  test("from much WAL to replay until there is little", () => {
    const at = (replayBytes: number): Backlog => ({ ...calm, replayBytes, slotBytes: 0 });
    assert.match(reasonToWait(at(limits.pauseAt + 1), false) ?? "", /a replica has 512 MB of WAL to replay/);
    assert.match(reasonToWait(at(limits.resumeAt + 1), true) ?? "", /128 MB/);
    assert.equal(reasonToWait(at(limits.resumeAt), true), undefined);
  });

  test("and stops before a replica that does not read loses its place", () => {
    const behind = { ...calm, slotBytes: limits.stopAt + 1, slot: "pg_3" };
    assert.throws(() => reasonToWait(behind, false), {
      code: "replica-behind",
      message: /slot pg_3 has not read 1536 MB/,
      hint: /run the same command again/,
    });
  });

  test("and stops before the disk is full", () => {
    assert.throws(() => reasonToWait({ ...calm, freeBytes: limits.leastFree - 1 }, false), {
      code: "disk-full",
      message: /only 2048 MB are free/,
    });
  });
});
