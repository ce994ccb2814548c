import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { stateFolder } from "../../lib/paths.ts";
import { runCommand, TestStack } from "../helpers/ecosphere.ts";

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
