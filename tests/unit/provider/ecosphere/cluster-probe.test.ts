import assert from "node:assert/strict";
import { test } from "node:test";
import { summarizeReplication } from "../../../../provider/ecosphere/cluster-probe.ts";

test("counts each streaming replica once, and no tool that copies", () => {
  const rows = [
    { name: "pg-3", state: "streaming" },
    { name: "pg-2", state: "streaming" },
    { name: "pg-2", state: "streaming" },
    { name: "pg-1", state: "catchup" },
    { name: "pg_basebackup", state: "streaming" },
    { name: "pg_receivewal", state: "streaming" },
  ];
  assert.deepEqual(summarizeReplication(rows), { streaming: ["pg-2", "pg-3"], hidden: 0 });
});

test("counts replicas whose state is hidden from the role apart", () => {
  assert.deepEqual(summarizeReplication([{ name: "pg-2", state: null }]), { streaming: [], hidden: 1 });
});
