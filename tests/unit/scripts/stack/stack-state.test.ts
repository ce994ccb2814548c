import assert from "node:assert/strict";
import { test } from "node:test";
import { pendingCreations } from "../../../../scripts/stack/stack-state.ts";

test("only a creation that is pending, and that no later run has completed, counts as half made", () => {
  const operation = (urn: string, type: string) => ({
    type,
    resource: { urn, type: "docker:index/container:Container", inputs: { name: `name-of-${urn}` } },
  });
  const deployment = {
    deployment: {
      resources: [
        { urn: "made", type: "docker:index/container:Container" },
        { urn: "replaced", type: "docker:index/container:Container", pendingReplacement: true },
        { urn: "replaced-last", type: "docker:index/container:Container", delete: true },
      ],
      pending_operations: [
        operation("made", "creating"),
        operation("lost", "creating"),
        operation("old", "deleting"),
        operation("replaced", "creating"),
        operation("replaced-last", "creating"),
      ],
    },
  };
  assert.deepEqual(
    pendingCreations(deployment).map(({ urn, name }) => [urn, name]),
    ["lost", "replaced", "replaced-last"].map((urn) => [urn, `name-of-${urn}`]),
  );
  assert.deepEqual(pendingCreations({ deployment: {} }), []);
});
