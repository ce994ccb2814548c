import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { viewInstances, type ClusterView } from "../../../../lib/cluster/cluster-view.ts";
import type { InstanceState } from "../../../../lib/cluster/patroni-client.ts";
import { chooseNext } from "../../../../lib/cluster/turns.ts";

const peers = ["pg-1", "pg-2", "pg-3"];
const waitingOf = (...parts: string[]) =>
  parts.map((part) => ({ part, peers, before: peers.filter((peer) => peer !== part) }));
const view = (primary: string, unwell: Record<string, string> = {}): ClusterView => ({
  primary,
  unwell: new Map(Object.entries(unwell)),
});
const isOld = (): boolean => false;

describe("whose turn it is", () => {
  test("a replica's before the primary's, whatever their order", () => {
    const chosen = chooseNext(waitingOf("pg-1", "pg-2"), view("pg-1"), isOld);
    assert.deepEqual(chosen, { next: "pg-2" });
  });

  test("nobody's while the primary alone asks and others are still to be replaced", () => {
    const chosen = chooseNext(waitingOf("pg-1"), view("pg-1"), (part) => part === "pg-2");
    assert.deepEqual(chosen, { because: "pg-1 is the primary, and waits for pg-3" });
  });

  test("the primary's when all others are renewed", () => {
    const chosen = chooseNext(waitingOf("pg-1"), view("pg-1"), (part) => part !== "pg-1");
    assert.deepEqual(chosen, { next: "pg-1" });
  });

  test("nobody's while one of its peers is not at work, and the reason is told", () => {
    const chosen = chooseNext(waitingOf("pg-3"), view("pg-1", { "pg-2": "it does not stream yet" }), isOld);
    assert.deepEqual(chosen, { because: "pg-3 waits for pg-2 (it does not stream yet)" });
  });
});

describe("who is at work", () => {
  const follower = (name: string, sync = "quorum", state = "streaming") => ({
    application_name: name,
    state,
    sync_state: sync,
  });
  const primary = (...replication: ReturnType<typeof follower>[]): InstanceState => ({
    ...{ state: "running", role: "primary", replication },
  });
  const replica: InstanceState = { state: "running", role: "replica", replication_state: "streaming" };
  const reasons = (states: Record<string, InstanceState | undefined>): Record<string, string> =>
    Object.fromEntries(viewInstances(new Map(Object.entries(states)), peers).unwell);

  test("all, when the primary counts on every replica", () => {
    const states = { "pg-1": replica, "pg-2": primary(follower("pg-1"), follower("pg-3")), "pg-3": replica };
    assert.deepEqual(reasons(states), {});
    assert.equal(viewInstances(new Map(Object.entries(states)), peers).primary, "pg-2");
  });

  test("none on which no commit counts yet, unless none is asked about commits", () => {
    const joining = { "pg-1": primary(follower("pg-2"), follower("pg-3", "async")) };
    assert.deepEqual(reasons({ ...joining, "pg-2": replica, "pg-3": replica }), {
      "pg-3": "no commit counts on it yet",
    });
    const asynchronous = { "pg-1": primary(follower("pg-2", "async"), follower("pg-3", "async")) };
    assert.deepEqual(reasons({ ...asynchronous, "pg-2": replica, "pg-3": replica }), {});
  });

  test("none that is away, silent, stopped or not followed", () => {
    const states = {
      "pg-1": primary(follower("pg-3", "quorum", "catchup")),
      "pg-2": undefined,
      "pg-3": replica,
    };
    assert.deepEqual(reasons(states), {
      "pg-2": "its Patroni does not answer",
      "pg-3": "it does not stream yet",
    });
    assert.deepEqual(reasons({ "pg-1": { ...replica, state: "stopped" }, "pg-3": replica }), {
      "pg-1": "its PostgreSQL is stopped",
      "pg-2": "its container does not run",
      "pg-3": "there is no primary",
    });
  });
});
