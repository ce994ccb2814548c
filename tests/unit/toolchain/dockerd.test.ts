import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { clearStalePid, startDaemon } from "../../../toolchain/dockerd.ts";

const root = mkdtempSync(join(tmpdir(), "ecosphere-dockerd-"));
after(() => {
  rmSync(root, { recursive: true });
});

describe("the file with a daemon's process id", () => {
  const processes = join(root, "proc");
  for (const [pid, name] of [
    ["10", "dockerd"],
    ["11", "cron"],
  ] as const) {
    mkdirSync(join(processes, pid), { recursive: true });
    writeFileSync(join(processes, pid, "comm"), `${name}\n`);
  }
  const path = join(root, "docker.pid");
  const check = (content: string): { runs: boolean; kept: boolean } => {
    writeFileSync(path, content);
    const runs = clearStalePid({ path, program: "dockerd" }, processes);
    return { runs, kept: existsSync(path) };
  };

  test("stays while the daemon runs", () => {
    assert.deepEqual(check("10"), { runs: true, kept: true });
  });

  test("goes when the number is another program's, nobody's or none", () => {
    for (const content of ["11\n", "12", "", "../10"]) {
      assert.deepEqual(check(content), { runs: false, kept: false }, content);
    }
    assert.equal(clearStalePid({ path, program: "dockerd" }, processes), false);
  });
});

describe("starting a daemon", () => {
  const daemonOf = (name: string, script: string) => {
    const command = join(root, name);
    writeFileSync(command, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { command, pidFiles: [], log: join(root, `${name}.log`), withinMs: 20_000 };
  };
  const silent = (): Promise<void> => Promise.reject(new Error("no answer"));

  test("one that ends at once is not waited for, and its last words are told", async () => {
    const before = Date.now();
    const starting = startDaemon(daemonOf("broken", "echo cannot create network; exit 1"), silent);
    await assert.rejects(starting, /broken ended with code 1\ncannot create network$/);
    assert.ok(Date.now() - before < 10_000);
  });

  test("one that cannot be started is told", async () => {
    const daemon = {
      command: join(root, "none"),
      pidFiles: [],
      log: join(root, "none.log"),
      withinMs: 20_000,
    };
    await assert.rejects(startDaemon(daemon, silent), /ENOENT/);
  });

  test("one that ends because another answers is no failure", async () => {
    const daemon = daemonOf("second", "echo already running; exit 1");
    const marker = join(root, "second.log");
    // Silent until the daemon's end has been seen, which stops the wait.
    let pings = 0;
    await startDaemon(daemon, async () => {
      pings++;
      if (pings === 1 || !existsSync(marker)) throw new Error("not yet");
    });
    assert.ok(pings >= 2);
  });
});
