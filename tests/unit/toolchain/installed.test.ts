import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";
import { findInstalled, isAtLeast, onPath } from "../../../toolchain/installed.ts";

const root = mkdtempSync(join(tmpdir(), "ecosphere-installed-"));
const saved = { path: process.env["PATH"], cache: process.env["ECOSPHERE_CACHE"] };
after(() => {
  process.env["PATH"] = saved.path;
  if (saved.cache === undefined) delete process.env["ECOSPHERE_CACHE"];
  else process.env["ECOSPHERE_CACHE"] = saved.cache;
  rmSync(root, { recursive: true });
});

const tool = (folder: string, script: string, mode = 0o755): string => {
  mkdirSync(join(root, folder), { recursive: true });
  const path = join(root, folder, "tool");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, mode);
  return path;
};

test("versions are compared by number", () => {
  assert.equal(isAtLeast("3.253.0", "3.253.0"), true);
  assert.equal(isAtLeast("3.1000.0", "3.253.0"), true);
  assert.equal(isAtLeast("3.99.9", "3.253.0"), false);
  assert.equal(isAtLeast("4.0", "3.253.0"), true);
  assert.equal(isAtLeast("1.25", "1.25.11"), false);
  assert.equal(isAtLeast("3.254.0-alpha.1", "3.253.0"), true);
});

test("only what can be executed counts as being on the PATH", () => {
  const path = tool("a", "");
  tool("b", "", 0o644);
  mkdirSync(join(root, "c", "tool"), { recursive: true });
  const folders = ["b", "c", "a", "none"].map((name) => join(root, name)).join(delimiter);
  assert.deepEqual(onPath("tool", folders), [path]);
});

test("a folder on the PATH that cannot be read is passed over", () => {
  const path = tool("readable", "");
  const loop = join(root, "loop");
  symlinkSync(loop, loop);
  assert.deepEqual(onPath("tool", [loop, join(path, "sub"), join(root, "readable")].join(delimiter)), [path]);
});

test("the first one that is new enough is taken; one that is too old or broken is passed over", async () => {
  tool("old", "echo tool v1.2.0");
  tool("broken", "exit 1");
  const path = tool("new", `echo called >> '${root}/calls'; echo tool v2.1.0`);
  tool("newer", "echo tool v3.0.0");
  process.env["ECOSPHERE_CACHE"] = join(root, "cache");
  const folders = ["old", "broken", "new", "newer"].map((name) => join(root, name));
  process.env["PATH"] = [...folders, saved.path ?? ""].join(delimiter);
  assert.deepEqual(await findInstalled("tool", "2.0.0", []), { path, version: "2.1.0" });
  assert.equal(await findInstalled("tool", "9.0.0", []), undefined);
});

test("an answer is remembered until the file changes", async () => {
  const script = (version: string): string => `echo x >> '${root}/asked'; echo ${version}`;
  const path = tool("memory", script("1.0.0"));
  process.env["PATH"] = [join(root, "memory"), saved.path ?? ""].join(delimiter);
  await findInstalled("tool", "1.0.0", []);
  rmSync(join(root, "asked"));
  assert.deepEqual(await findInstalled("tool", "1.0.0", []), { path, version: "1.0.0" });
  assert.throws(() => {
    rmSync(join(root, "asked"));
  }, /ENOENT/);
  tool("memory", script("1.10.0"));
  assert.deepEqual(await findInstalled("tool", "1.0.0", []), { path, version: "1.10.0" });
});
