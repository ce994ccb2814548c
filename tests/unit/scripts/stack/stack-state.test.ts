import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { clearDeadLocks, pendingCreations } from "../../../../scripts/stack/stack-state.ts";

const backend = mkdtempSync(join(tmpdir(), "ecosphere-locks-"));
after(() => {
  rmSync(backend, { recursive: true });
});
const folder = join(backend, ".pulumi", "locks", "organization", "ecosphere", "dev");

// A process that has ended: its number is free for the time of the test.
const ended = Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));

test("only the lock of a process of this host that has ended is taken away", () => {
  mkdirSync(folder, { recursive: true });
  const lock = (name: string, pid: number, host: string): void => {
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ pid, hostname: host, username: "u" }));
  };
  lock("alive", process.pid, hostname());
  lock("dead", ended, hostname());
  lock("elsewhere", ended, `not-${hostname()}`);
  writeFileSync(join(folder, "odd.json"), "{}");
  assert.equal(clearDeadLocks("dev", backend), 1);
  assert.deepEqual(readdirSync(folder).sort(), ["alive.json", "elsewhere.json", "odd.json"]);
  assert.equal(clearDeadLocks("none", backend), 0);
});

test("only a creation that is pending, and that no later run has completed, counts as half made", () => {
  const operation = (urn: string, type: string) => ({
    type,
    resource: { urn, type: "docker:index/container:Container", inputs: { name: `name-of-${urn}` } },
  });
  const deployment = {
    deployment: {
      resources: [{ urn: "made", type: "docker:index/container:Container" }],
      pending_operations: [
        operation("made", "creating"),
        operation("lost", "creating"),
        operation("old", "deleting"),
      ],
    },
  };
  assert.deepEqual(
    pendingCreations(deployment).map(({ urn, name }) => [urn, name]),
    [["lost", "name-of-lost"]],
  );
  assert.deepEqual(pendingCreations({ deployment: {} }), []);
});
