import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { cacheFolder, cacheKey, produceInto } from "../../../toolchain/cache.ts";

const root = mkdtempSync(join(tmpdir(), "ecosphere-cache-"));
after(() => {
  rmSync(root, { recursive: true });
});

test("the cache is where the user says, else where caches are", () => {
  assert.equal(cacheFolder({ ECOSPHERE_CACHE: "/c", XDG_CACHE_HOME: "/x" }), "/c");
  assert.equal(cacheFolder({ XDG_CACHE_HOME: "/x" }), "/x/ecosphere");
  assert.match(cacheFolder({}), /\/\.cache\/ecosphere$/);
});

describe("the key of a cached thing", () => {
  const source = join(root, "source");
  mkdirSync(join(source, "sub"), { recursive: true });
  writeFileSync(join(source, "sub", "a"), "one");
  const key = (): string => cacheKey({ folders: [source], values: ["1.0"] });
  const before = key();

  test("is the same for the same content in another place", () => {
    const copy = join(root, "copy");
    cpSync(source, copy, { recursive: true });
    assert.equal(cacheKey({ folders: [copy], values: ["1.0"] }), before);
  });

  test("changes with a value, a file's content and a file's name", () => {
    assert.notEqual(cacheKey({ folders: [source], values: ["1.1"] }), before);
    writeFileSync(join(source, "sub", "a"), "two");
    const changed = key();
    assert.notEqual(changed, before);
    writeFileSync(join(source, "sub", "b"), "");
    assert.notEqual(key(), changed);
  });
});

describe("producing into the cache", () => {
  const target = join(root, "thing-1");

  test("what fails half way leaves nothing", async () => {
    const broken = produceInto(target, async (folder) => {
      writeFileSync(join(folder, "half"), "");
      throw new Error("broken");
    });
    await assert.rejects(broken, /broken/);
    assert.deepEqual(
      readdirSync(root).filter((name) => name.startsWith("thing")),
      [],
    );
  });

  test("what a killed run left goes, what a living one makes stays", async () => {
    const dead = `${target}.partial-4999999-abc`;
    const alive = `${target}.partial-${process.ppid}-abc`;
    for (const folder of [dead, alive]) mkdirSync(folder);
    await produceInto(target, async (folder) => {
      writeFileSync(join(folder, "whole"), "");
    });
    assert.deepEqual(readdirSync(target), ["whole"]);
    assert.equal(existsSync(dead), false);
    assert.equal(existsSync(alive), true);
  });

  test("of two at once, both end well and one result stands", async () => {
    const both = join(root, "both-1");
    const make = (name: string): Promise<void> =>
      produceInto(both, async (folder) => {
        writeFileSync(join(folder, name), "");
      });
    await Promise.all([make("a"), make("b")]);
    assert.equal(readdirSync(both).length, 1);
  });
});
