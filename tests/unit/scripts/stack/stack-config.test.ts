import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { mergeConfig, StackConfig } from "../../../../scripts/stack/stack-config.ts";
import { stackFolder } from "../../../../scripts/stack/stack-folder.ts";

const merge = (copy: string, seen: string, tracked: string): unknown =>
  mergeConfig(copy, seen, tracked).toJS();

describe("bringing the tracked configuration into the copy", () => {
  const salted = "encryptionsalt: v1:abc\nconfig:\n  ecosphere:rwPort: '7000'\n";

  test("nothing has changed: the copy stays", () => {
    const tracked = "config:\n  ecosphere:replicas: 1\n";
    const copy = `${salted}  ecosphere:replicas: 1\n`;
    assert.equal(String(mergeConfig(copy, tracked, tracked)), copy);
  });

  test("no file at all is an empty configuration", () => {
    assert.deepEqual(merge("", "", ""), {});
  });

  test("a new and a changed value come in; the salt and the chosen port stay", () => {
    const merged = merge(
      `${salted}  ecosphere:replicas: 1\n`,
      "config:\n  ecosphere:replicas: 1\n",
      "config:\n  ecosphere:replicas: 3\n  ecosphere:protect: 'true'\n",
    );
    assert.deepEqual(merged, {
      encryptionsalt: "v1:abc",
      config: { "ecosphere:rwPort": "7000", "ecosphere:replicas": 3, "ecosphere:protect": "true" },
    });
  });

  test("a value that was removed there goes here too", () => {
    const merged = merge(`${salted}  ecosphere:replicas: 1\n`, "config:\n  ecosphere:replicas: 1\n", "");
    assert.deepEqual(merged, { encryptionsalt: "v1:abc", config: { "ecosphere:rwPort": "7000" } });
  });

  test("what `config set` wrote outlives an unchanged tracked value", () => {
    const tracked = "config:\n  ecosphere:protect: 'true'\n";
    const merged = merge("config:\n  ecosphere:protect: 'false'\n", tracked, tracked);
    assert.deepEqual(merged, { config: { "ecosphere:protect": "false" } });
  });

  test("a config without any key takes one, and a key that is away already is no fault", () => {
    const tracked = "config:\n  ecosphere:protect: 'true'\n";
    const protectedToo = { config: { "ecosphere:protect": "true" } };
    assert.deepEqual(merge("config:\n", "", tracked), protectedToo);
    assert.deepEqual(merge("config:\n", tracked, ""), { config: null });
    assert.deepEqual(merge("encryptionsalt: x\n", tracked, ""), { encryptionsalt: "x" });
  });

  test("a file that is not YAML is refused", () => {
    for (const text of ["config: [1", "config: *gone", "just a text", "- a list", "config: 7"]) {
      const refused = { code: "config-syntax", message: /damaged: the tracked file/ };
      assert.throws(() => mergeConfig("", "", text), refused, text);
    }
    assert.deepEqual(merge("# nothing yet\n", "", "config:\n"), { config: null });
  });

  test("a copy that could not be read again is refused before it is written", () => {
    const unwritable = [
      ["config: &a\ufeff", ""],
      ["a: &a 1\nb: *a\n", "a: 1\n"],
    ] as const;
    for (const [copy, seen] of unwritable) {
      const refused = { code: "config-syntax", message: /damaged: the stack's copy cannot be read once/ };
      assert.throws(() => mergeConfig(copy, seen, ""), refused, copy);
    }
  });
});

describe("a stack's copy", () => {
  const root = mkdtempSync(join(tmpdir(), "ecosphere-config-"));
  after(() => {
    rmSync(root, { recursive: true });
  });
  const folder = stackFolder("dev", root, join(root, ".ecosphere"));

  test("leaves the tracked file untouched, reads its values and keeps what it is told", () => {
    const tracked = "# mine\nconfig:\n  ecosphere:replicas: 1\n  other:key: x\n";
    writeFileSync(folder.trackedConfig, tracked);
    StackConfig.open(folder).set({ rwPort: "7000" });
    const config = StackConfig.open(folder);
    assert.deepEqual(
      [...config.values()],
      [
        ["replicas", "1"],
        ["rwPort", "7000"],
      ],
    );
    assert.equal(readFileSync(folder.trackedConfig, "utf8"), tracked);
    assert.equal(statSync(folder.config).mode & 0o777, 0o600);
  });

  test("a look at it writes nothing", () => {
    const other = stackFolder("other", root, join(root, ".ecosphere"));
    assert.equal(StackConfig.peek(other).get("rwPort"), undefined);
    assert.throws(() => statSync(other.path), { code: "ENOENT" });
  });
});
