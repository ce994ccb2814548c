import assert from "node:assert/strict";
import { existsSync, mkdtempDisposableSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { stateFolder } from "../../lib/paths.ts";
import { runCommand, TestStack } from "../helpers/ecosphere.ts";
import { TestAuthority, writeCertificates } from "../helpers/test-authority.ts";

describe("up, before it deploys anything", () => {
  test("reports every fault of the configuration at once", async () => {
    await using stack = new TestStack();
    for (const [key, value] of [
      ["replicas", "many"],
      ["protect", "perhaps"],
      ["replicaz", "3"],
    ] as const) {
      assert.equal((await stack.ecosphere("pulumi", "config", "set", key, value)).code, 0);
    }
    const run = await stack.ecosphere("up", "--yes");
    assert.equal(run.code, 1, run.output);
    assert.match(run.output, /has 3 faults/);
    assert.match(run.output, /replicas: received "many"/);
    assert.match(run.output, /replicaz: is no key of this project/);
    assert.doesNotMatch(run.output, /\n\s+at /, "a stack trace is for nobody");
  });

  test("the program itself does, when plain pulumi starts it", async () => {
    await using stack = new TestStack();
    assert.equal((await stack.ecosphere("pulumi", "config", "set", "replicas", "many")).code, 0);
    const script = `eval "$(./ecosphere env --stack ${stack.name})" && pulumi preview --non-interactive`;
    const run = await runCommand(["bash", "-c", script]);
    assert.notEqual(run.code, 0);
    assert.match(run.output, /replicas: received "many"; allowed is a whole number from 1 to 8/);
  });

  test("refuses certificates of one's own, every fault at once, and names no authority to rotate", async () => {
    await using stack = new TestStack();
    using folder = mkdtempDisposableSync(join(tmpdir(), "ecosphere-e2e-"));
    const one = await TestAuthority.make("One");
    const settings = { replicas: 2, proxies: 2, bindAddress: "127.0.0.1" };
    await writeCertificates(folder.path, one, settings);
    writeFileSync(join(folder.path, "ca.pem"), (await TestAuthority.make("Another")).pem);
    const set = await stack.ecosphere("pulumi", "config", "set", "certificateFolder", folder.path);
    assert.equal(set.code, 0, set.output);
    const up = await stack.ecosphere("up", "--yes");
    assert.equal(up.code, 1, up.output);
    assert.match(up.output, /have 6 faults:\n\s+pg-1\.pem: nothing leads from CN=pg-1/);
    const script = `eval "$(./ecosphere env --stack ${stack.name})" && pulumi preview --non-interactive`;
    const preview = await runCommand(["bash", "-c", script]);
    assert.notEqual(preview.code, 0);
    assert.match(preview.output, /have 6 faults/);
    for (const { output } of [up, preview]) assert.doesNotMatch(output, /BEGIN|\n\s+at /);
    const rotation = await stack.ecosphere("rotate-authority");
    assert.equal(rotation.code, 1, rotation.output);
    assert.match(rotation.output, /your own.*no authority to replace[^]*1\. both authorities into/);
  });

  test("refuses a port that the user set and that is busy, naming it and the fix", async () => {
    await using stack = new TestStack();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const address = server.address();
      assert.ok(address !== null && typeof address === "object");
      await stack.ecosphere("pulumi", "config", "set", "rwPort", String(address.port));
      const run = await stack.ecosphere("up", "--yes");
      assert.equal(run.code, 1, run.output);
      assert.match(run.output, new RegExp(`rwPort: port ${address.port} is in use`));
      assert.match(run.output, /pulumi config set rwPort/);
    } finally {
      server.close();
    }
  });

  test("refuses files that are damaged, and names them", async () => {
    await using stack = new TestStack();
    assert.equal((await stack.ecosphere("pulumi", "config", "set", "protect", "false")).code, 0);
    const own = join(stateFolder, "stacks", stack.name);
    const state = join(stateFolder, "state", ".pulumi", "stacks", "ecosphere", `${stack.name}.json`);
    for (const [path, content, told] of [
      [
        join(own, `Pulumi.${stack.name}.yaml`),
        "config: *nowhere",
        /damaged: .*Pulumi\.e2e-\w+\.yaml is not YAML/,
      ],
      [join(own, `Pulumi.${stack.name}.yaml`), "just a text", /damaged: .* holds no keys with values/],
      [join(own, "ports.json"), '{"rwPort": 64', /ports\.json is damaged: it is no JSON/],
      [join(own, "passphrase"), "another passphrase\n", /incorrect passphrase|passphrase/],
      [state, '{"version": 3, "checkpoint": {"la', /unexpected end of JSON|could not|failed|corrupt/i],
    ] as const) {
      const before = existsSync(path) ? readFileSync(path) : undefined;
      writeFileSync(path, content);
      const run = await stack.ecosphere("up", "--yes");
      assert.equal(run.code, 1, `${path}\n${run.output}`);
      assert.match(run.output, told);
      assert.doesNotMatch(run.output, /should not happen|\n\s+at .*\.ts:/, "a stack trace is for nobody");
      if (before) writeFileSync(path, before);
      else rmSync(path);
    }
  });

  test("says which Docker it tried when none answers", async () => {
    const run = await runCommand([
      "bash",
      "-c",
      "DOCKER_HOST=unix:///nonexistent.sock ./ecosphere status --stack none",
    ]);
    assert.equal(run.code, 1, run.output);
    assert.match(run.output, /nonexistent\.sock/);
  });
});
