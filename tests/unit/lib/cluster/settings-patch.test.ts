import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clusterSettings } from "../../../../lib/cluster-config/patroni.ts";
import { comparable, mergePatch } from "../../../../lib/cluster/settings-patch.ts";

const settings = (synchronous: "quorum" | "async", parameters: Record<string, string> = {}) =>
  clusterSettings({ synchronous, parameters, instanceMemory: 2048 });

describe("what is patched in a running cluster", () => {
  test("nothing when it has what is wanted; what others set beside it is theirs", () => {
    const live = { ...settings("quorum"), pause: true, slots: { other: { type: "physical" } } };
    assert.equal(mergePatch(comparable(live, settings("quorum")), settings("quorum")), undefined);
  });

  test("what differs alone; a parameter that is wanted no more is taken away", () => {
    assert.deepEqual(
      mergePatch(
        settings("quorum", { work_mem: "8MB", jit: "off" }),
        settings("async", { work_mem: "16MB" }),
      ),
      {
        synchronous_mode: false,
        synchronous_mode_strict: false,
        postgresql: { parameters: { work_mem: "16MB", jit: null } },
      },
    );
  });

  test("a parameter that somebody changed by hand", () => {
    const live = settings("quorum", { max_connections: "500" });
    assert.deepEqual(mergePatch(live, settings("quorum")), {
      postgresql: { parameters: { max_connections: 200 } },
    });
  });
});
