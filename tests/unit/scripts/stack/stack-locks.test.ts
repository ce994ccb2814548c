import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { clearDeadLocks, refuseHeld } from "../../../../scripts/stack/stack-locks.ts";

const backend = mkdtempSync(join(tmpdir(), "ecosphere-locks-"));
after(() => {
  rmSync(backend, { recursive: true });
});
const folder = join(backend, ".pulumi", "locks", "organization", "ecosphere", "dev");

// A process that has ended: its number is free for the time of the test.
const ended = Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));

test("only the lock of a process of this host that has ended is taken away; the others are told", () => {
  mkdirSync(folder, { recursive: true });
  const lock = (name: string, pid: number, host: string): void => {
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ pid, hostname: host, username: "u" }));
  };
  lock("alive", process.pid, hostname());
  lock("dead", ended, hostname());
  lock("elsewhere", ended, `not-${hostname()}`);
  writeFileSync(join(folder, "odd.json"), "{");
  const { cleared, held } = clearDeadLocks("dev", backend);
  assert.equal(cleared, 1);
  assert.deepEqual(held, [{ pid: process.pid }, { pid: ended, host: `not-${hostname()}` }, {}]);
  assert.deepEqual(readdirSync(folder).sort(), ["alive.json", "elsewhere.json", "odd.json"]);
  assert.deepEqual(clearDeadLocks("none", backend), { cleared: 0, held: [] });
});

test("a lock that is held stops with the process, and the way to take it away", () => {
  const refusal = (holder: Parameters<typeof refuseHeld>[1][number], message: string): void => {
    assert.throws(
      () => {
        refuseHeld("blue", [holder]);
      },
      { code: "stack-locked", message, hint: /pulumi cancel --yes --stack blue/ },
    );
  };
  refusal({ pid: 7 }, "another run, process 7, is at work on the stack blue");
  refusal({ pid: 7, host: "far" }, "another run, process 7 on far, is at work on the stack blue");
  refusal({}, "another run is at work on the stack blue");
  refuseHeld("blue", []);
});
