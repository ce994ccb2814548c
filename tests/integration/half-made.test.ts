import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { imageName } from "../../lib/images.ts";
import { removeHalfMade } from "../../scripts/stack/half-made.ts";
import type { PendingCreation } from "../../scripts/stack/stack-state.ts";
import { ensureImage, testLabel } from "../helpers/postgres-server.ts";

const run = promisify(execFile);
const docker = async (...args: readonly string[]): Promise<string> => (await run("docker", args)).stdout;

const types = {
  container: "docker:index/container:Container",
  network: "docker:index/network:Network",
  volume: "docker:index/volume:Volume",
} as const;
type Kind = keyof typeof types;

before(() => ensureImage());

test("only what has the stack's label and a name that was about to be created is removed", async () => {
  await using made = new Made();
  const begun = await made.container(made.stack);
  const network = await made.network(made.stack);
  const volume = await made.volume(made.stack);
  const left = [
    await made.container(undefined),
    await made.container(`${made.stack}-2`),
    await made.network(undefined),
  ];
  // The stack's own, but complete.
  const complete = [await made.container(made.stack), await made.network(made.stack)];
  const pending = [
    ...[begun, left[0], left[1]].map((name) => creation("container", name)),
    ...[network, left[2]].map((name) => creation("network", name)),
    creation("volume", volume),
    // A name says nothing about another kind of thing.
    ...complete.map((name) => creation("volume", name)),
    creation("container", undefined),
  ];
  assert.deepEqual(await removeHalfMade(made.stack, pending), [begun, network]);
  assert.deepEqual(await made.there(), [...left, ...complete, volume].sort());

  const another = await made.volume(`${made.stack}-2`);
  const unnamed = await made.volume(made.stack);
  pending.push(creation("volume", another));
  assert.deepEqual(await removeHalfMade(made.stack, pending, { volumes: true }), [volume]);
  assert.deepEqual(await made.there(), [...left, ...complete, another, unnamed].sort());
});

function creation(kind: Kind, name: string | undefined): PendingCreation {
  return { urn: `urn:${kind}:${name ?? ""}`, type: types[kind], name };
}

/** Containers, networks and volumes that go with the test; `there` tells which are left. */
class Made implements AsyncDisposable {
  readonly stack = `half-made-${randomBytes(4).toString("hex")}`;
  readonly #names: { readonly kind: Kind; readonly name: string }[] = [];

  /** One that was created and never started, labelled as of a stack. */
  container(stack: string | undefined): Promise<string> {
    return this.#make("container", stack, (name, labels) => [
      ...["create", "--name", name, ...labels, imageName("postgres"), "true"],
    ]);
  }

  network(stack: string | undefined): Promise<string> {
    return this.#make("network", stack, (name, labels) => ["network", "create", ...labels, name]);
  }

  volume(stack: string | undefined): Promise<string> {
    return this.#make("volume", stack, (name, labels) => ["volume", "create", ...labels, name]);
  }

  async there(): Promise<string[]> {
    const found = await Promise.all(
      this.#names.map(({ kind, name }) =>
        docker(kind, "inspect", name).then(
          () => name,
          () => undefined,
        ),
      ),
    );
    return found.filter((name) => name !== undefined).sort();
  }

  async #make(
    kind: Kind,
    stack: string | undefined,
    command: (name: string, labels: readonly string[]) => readonly string[],
  ): Promise<string> {
    const name = `${this.stack}-${randomBytes(4).toString("hex")}`;
    const labels = [testLabel, ...(stack === undefined ? [] : [`ecosphere.stack=${stack}`])];
    this.#names.push({ kind, name });
    await docker(
      ...command(
        name,
        labels.flatMap((label) => ["--label", label]),
      ),
    );
    return name;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { kind, name } of this.#names) await docker(kind, "rm", name).catch(() => undefined);
  }
}
