import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "../../../../lib/errors.ts";
import { destroyPrepared, isLogOf, refuseProtected } from "../../../../scripts/commands/destroy.ts";
import { localBackend } from "../../../../scripts/stack/environment.ts";
import { fakeStack } from "../../../helpers/fake-pulumi.ts";

const open = { urn: "urn:a", protect: false };
const guarded = { urn: "urn:b", protect: true };
const refusal = (byConfig: boolean, resources: readonly (typeof open)[]): string => {
  try {
    refuseProtected("blue", byConfig, resources);
  } catch (error) {
    assert.ok(error instanceof UserError);
    return `${error.message}\n${error.hint ?? ""}`;
  }
  return "";
};

test("an unprotected stack may be destroyed", () => {
  assert.equal(refusal(false, [open]), "");
});

test("a stack that is protected by its configuration is refused, with every command that it takes", () => {
  assert.match(
    refusal(true, [open, guarded]),
    /config set protect false --stack blue\n.*ecosphere up --stack blue.*\n.*ecosphere destroy --stack blue/,
  );
});

test("resources that are still protected need an update first", () => {
  const text = refusal(false, [open, guarded]);
  assert.match(text, /1 protected resource/);
  assert.match(text, /ecosphere up --stack blue/);
  assert.doesNotMatch(text, /config set/);
});

test("the logs of a stack whose name begins alike are not taken for its own", () => {
  assert.equal(isLogOf("blue", "organization+ecosphere+blue-20261122T132916.log"), true);
  assert.equal(isLogOf("blue", "organization+ecosphere+blue-2-20261122T132916.log"), false);
  assert.equal(isLogOf("blue", "organization+ecosphere+sky-blue-20261122T132916.log"), false);
});

const elsewhere = { PULUMI_BACKEND_URL: "s3://somewhere" };
const deployed = `echo "$*" >> "$FOLDER/calls"; [ "$1 $2" != "stack export" ] || echo '{"deployment": {}}'`;
const unknown = "echo \"error: no stack named 'x' found\" >&2; exit 6";

test("a backend that cannot be asked is not taken for one without the stack; nothing is removed", async () => {
  for (const [words, code] of [
    ["error: PULUMI_ACCESS_TOKEN must be set for login", 3],
    ["error: dial tcp: connection refused", 1],
  ] as const) {
    using stack = fakeStack(`echo "${words}" >&2; exit ${code}`, { protect: "false" }, elsewhere);
    await assert.rejects(destroyPrepared(stack.prepared, true), (error) => {
      assert.ok(error instanceof UserError && error.message.includes(words.replace("error: ", "")));
      return true;
    });
    assert.ok(existsSync(stack.prepared.folder.passphrase));
  }
});

test("a stack that no backend knows loses its files only unprotected, and when somebody said yes", async () => {
  using stack = fakeStack(unknown, {}, elsewhere);
  const { config, folder } = stack.prepared;
  await assert.rejects(destroyPrepared(stack.prepared, true), { code: "protected" });
  config.set({ protect: "false" });
  await assert.rejects(destroyPrepared(stack.prepared, false), { code: "needs-yes" });
  assert.ok(existsSync(folder.passphrase));
  assert.match(String(await destroyPrepared(stack.prepared, true)), /never deployed; its files are removed/);
  assert.ok(!existsSync(folder.path));
});

test("destroyed in another backend, a stack that is in the default one, too, keeps its passphrase", async () => {
  using stack = fakeStack(deployed, { protect: "false" }, elsewhere);
  const { folder } = stack.prepared;
  const states = join(localBackend, ".pulumi", "stacks", "ecosphere");
  mkdirSync(states, { recursive: true });
  const [state, backup] = [".json", ".json.bak"].map((suffix) => join(states, `${folder.stack}${suffix}`));
  assert.ok(state !== undefined && backup !== undefined);
  for (const path of [state, backup]) writeFileSync(path, "{}");
  try {
    assert.match(String(await destroyPrepared(stack.prepared, true)), /is gone/);
    for (const path of [folder.passphrase, folder.config, state, backup]) assert.ok(existsSync(path), path);
  } finally {
    for (const path of [state, backup]) rmSync(path);
  }
  assert.match(String(await destroyPrepared(stack.prepared, true)), /is gone/);
  assert.ok(!existsSync(folder.path));
});

test("while another run holds the default backend's lock, nothing is destroyed", async () => {
  using stack = fakeStack(deployed, { protect: "false" }, { PULUMI_BACKEND_URL: "" });
  const { folder } = stack.prepared;
  const pulumi = join(localBackend, ".pulumi");
  const locks = join(pulumi, "locks", "organization", "ecosphere", folder.stack);
  const state = join(pulumi, "stacks", "ecosphere", `${folder.stack}.json`);
  for (const path of [locks, join(state, "..")]) mkdirSync(path, { recursive: true });
  writeFileSync(state, "{}");
  writeFileSync(join(locks, "one.json"), JSON.stringify({ pid: process.pid, hostname: hostname() }));
  try {
    await assert.rejects(destroyPrepared(stack.prepared, true), { code: "stack-locked" });
    assert.equal(readFileSync(join(folder.path, "calls"), "utf8"), "stack export\n");
  } finally {
    rmSync(state);
    rmSync(locks, { recursive: true });
  }
});
