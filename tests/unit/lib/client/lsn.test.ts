import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UserError } from "../../../../lib/errors.ts";
import { hasReached, type InstanceState } from "../../../../lib/client/instance-state.ts";
import {
  beyondEveryReplica,
  formatLsn,
  parseLsn,
  parseToken,
  tokenOf,
  type Mark,
} from "../../../../lib/client/lsn.ts";

describe("a position in the WAL", () => {
  test("is compared by both halves, as numbers", () => {
    const sorted = ["0/0", "0/9", "0/45866A0", "0/FFFFFFFF", "1/0", "A/0", "10/0", "FFFFFFFF/FFFFFFFF"];
    const positions = sorted.map(parseLsn);
    assert.deepEqual(
      [...positions].sort((a, b) => (a < b ? -1 : 1)),
      positions,
    );
    assert.deepEqual(positions.map(formatLsn), sorted);
  });

  test("that is none is refused", () => {
    for (const text of ["", "0", "0/", "g/0", "0/123456789", "0/0 "]) {
      assert.throws(() => parseLsn(text), RangeError);
    }
  });
});

describe("a token", () => {
  const mark: Mark = { timeline: 7, position: parseLsn("16/B374D848"), since: 1_764_059_563_123_456n };

  test("is the same after a journey, as plain text", () => {
    for (const each of [mark, { ...mark, position: beyondEveryReplica }, { ...mark, since: 0n }]) {
      const token = tokenOf(each);
      assert.match(token, /^[\w/]+$/);
      assert.deepEqual(parseToken(token), each);
    }
  });

  test("that was made up is refused", () => {
    for (const token of ["", "16/B374D848", "1_0/0", "1_0/0_-1", "x_0/0_0", `${tokenOf(mark)}0000`]) {
      assert.throws(
        () => parseToken(token),
        (error) => error instanceof UserError && error.code === "bad-token",
      );
    }
  });

  const replica: InstanceState = {
    ...{ isPrimary: false, timeline: undefined, isReceiving: true },
    ...{ position: mark.position, clock: mark.since + 5n },
  };
  const primary: InstanceState = {
    ...{ isPrimary: true, timeline: 7, isReceiving: false, position: 0n, clock: 0n },
  };

  test("is reached by a replica that has replayed its position", () => {
    assert.equal(hasReached(replica, mark), true);
    assert.equal(hasReached({ ...replica, position: mark.position + 1n }, mark), true);
    assert.equal(hasReached({ ...replica, position: mark.position - 1n }, mark), false);
  });

  test("is not reached by a replica whose WAL is the old primary's, however far it is", () => {
    const ahead = { ...replica, position: mark.position + 1000n };
    assert.equal(hasReached({ ...ahead, clock: mark.since - 1n }, mark), false);
    assert.equal(hasReached({ ...ahead, clock: undefined }, mark), false);
  });

  test("is reached by the primary that gave it and by its successors, and by no predecessor", () => {
    assert.equal(hasReached(primary, mark), true);
    assert.equal(hasReached({ ...primary, timeline: 8 }, mark), true);
    assert.equal(hasReached({ ...primary, timeline: 6, position: mark.position + 1n }, mark), false);
  });

  test("beyond every replica is the primary's alone", () => {
    const last = { ...mark, position: beyondEveryReplica };
    assert.equal(hasReached({ ...replica, position: beyondEveryReplica - 1n }, last), false);
    assert.equal(hasReached(primary, last), true);
  });
});
