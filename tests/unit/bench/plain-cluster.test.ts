import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { handOver } from "../../../bench/plain-cluster.ts";

test("files for a container are readable by its user without root, whatever the umask", () => {
  const parent = mkdtempSync(join(tmpdir(), "ecosphere-hand-over-"));
  const before = process.umask(0o077);
  try {
    const folder = handOver(join(parent, "pg-1"), { "a.yml": "text" });
    const mode = (path: string): number => statSync(path).mode & 0o777;
    assert.equal(mode(folder), 0o755);
    assert.equal(mode(join(folder, "a.yml")), 0o444);
    assert.equal(mode(parent), 0o700, "others of the host stay out");
    assert.equal(readFileSync(join(folder, "a.yml"), "utf8"), "text");
  } finally {
    process.umask(before);
    rmSync(parent, { recursive: true });
  }
});
