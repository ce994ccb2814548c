import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chooseCandidate } from "../../../../lib/cluster/switchover.ts";

const member = (name: string, role: string, lag: number | string = 0, state = "streaming") => ({
  ...{ name, role, lag },
  state: role === "leader" ? "running" : state,
});
const leader = member("pg-1", "leader");

describe("the next primary", () => {
  test("is the replica that is least behind, of those that confirm commits", () => {
    const members = [
      leader,
      member("pg-2", "quorum_standby", 500),
      member("pg-3", "quorum_standby", 100),
      member("pg-4", "replica", 0),
    ];
    assert.equal(chooseCandidate(members, undefined), "pg-3");
  });

  test("is the one that is named, as long as it follows", () => {
    const members = [leader, member("pg-2", "quorum_standby"), member("pg-3", "replica", 7)];
    assert.equal(chooseCandidate(members, "pg-3"), "pg-3");
  });

  test("is none that does not exist; those that do are named", () => {
    assert.throws(
      () => chooseCandidate([leader, member("pg-2", "replica")], "pg-9"),
      /no instance is called "pg-9"/,
    );
  });

  test("is none that does not follow; each replica's state is told", () => {
    const members = [
      leader,
      member("pg-2", "replica", "unknown", "starting"),
      member("pg-3", "replica", "unknown"),
    ];
    assert.throws(() => chooseCandidate(members, "pg-2"), /pg-2 does not follow[^]*pg-2: starting, unknown/);
    assert.throws(() => chooseCandidate(members, undefined), /no replica follows/);
  });
});
