import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UserError } from "../../../../lib/errors.ts";
import type { Provider, Resource } from "../../../../provider/host/provider.ts";
import { connectProvider } from "../../../helpers/provider-client.ts";

const token = "test:index:Thing";

function provider(over: Partial<Resource> = {}): Provider {
  const thing: Resource = {
    secrets: ["hidden"],
    check: async (news) => ({
      inputs: news,
      faults: typeof news["size"] === "number" ? [] : [{ property: "size", reason: "received nothing" }],
    }),
    diff: async ({ old, news }) => ({
      changes: new Map(old.inputs["size"] === news["size"] ? [] : [["size", "update" as const]]),
    }),
    create: async (inputs) => ({ id: "thing", outputs: inputs }),
    read: async (id, known) => (known ? { id, inputs: known.inputs, outputs: known.outputs } : undefined),
    update: async ({ news }) => news,
    delete: async () => undefined,
    ...over,
  };
  return {
    name: "test",
    version: "1.0.0",
    schema: { name: "test", version: "1.0.0" },
    secretConfig: ["password"],
    configure: async () => undefined,
    resources: new Map([[token, thing]]),
    unsupported: (other) => new UserError("unsupported", `no type ${other}`, "Install the official plugin."),
  };
}

describe("a provider behind gRPC", () => {
  test("lives through check, create, diff, read, update and delete", async () => {
    await using client = await connectProvider(provider(), {});
    const thing = client.resource(token);
    const made = await thing.make({ size: 1, hidden: "s3cret" });
    assert.equal(made.id, "thing");
    assert.deepEqual((await thing.diff(made.id, made, { size: 1 })).changes, {});
    assert.deepEqual(Object.keys((await thing.diff(made.id, made, { size: 2 })).changes), ["size"]);
    assert.ok(await thing.read(made.id, made));
    assert.equal(await thing.read("elsewhere"), undefined);
    await thing.delete(made.id, made);
  });

  test("keeps secret what it declares secret, though the program did not", async () => {
    await using client = await connectProvider(provider(), {});
    const checked = await client.resource(token).check({ size: 1, hidden: "s3cret" });
    assert.deepEqual([...checked.secretKeys], ["hidden"]);
    const created = await client.resource(token).create({ size: 1, hidden: "s3cret" });
    assert.deepEqual([...created.secretKeys], ["hidden"]);
    assert.deepEqual([...(await client.checkConfig({ password: "p" })).secretKeys], ["password"]);
  });

  test("reports faults by property", async () => {
    await using client = await connectProvider(provider(), {});
    const { faults } = await client.resource(token).check({});
    assert.deepEqual(faults, [{ property: "size", reason: "received nothing" }]);
  });

  test("never answers that a new configuration replaces what it made", async () => {
    await using client = await connectProvider(provider(), {});
    assert.deepEqual(await client.diffConfig({ host: "a" }, { host: "b" }), {
      hasChanges: true,
      replaces: [],
    });
    assert.deepEqual(await client.diffConfig({ host: "a" }, { host: "a" }), {
      hasChanges: false,
      replaces: [],
    });
  });

  test("gives an error's message with its hint, for a type that it does not know too", async () => {
    const failing = provider({
      delete: () => Promise.reject(new UserError("rows", "it holds rows", "Empty it.")),
    });
    await using client = await connectProvider(failing, {});
    const thing = client.resource(token);
    await assert.rejects(thing.delete("thing", { inputs: {}, outputs: {} }), /it holds rows\nEmpty it\./);
    await assert.rejects(client.resource("test:index:Other").check({}), /no type test:index:Other\nInstall/);
  });

  test("refuses to work before it was configured", async () => {
    await using client = await connectProvider(provider());
    await assert.rejects(client.resource(token).create({ size: 1 }), /before it was configured/);
  });

  test("tells a running operation that the user gave up", async () => {
    let aborted = false;
    const waiting = provider({
      create: (_inputs, _preview, context) =>
        new Promise((_resolve, reject) => {
          context.signal.addEventListener("abort", () => {
            aborted = true;
            reject(new Error("cancelled"));
          });
          void client.cancel();
        }),
    });
    await using client = await connectProvider(waiting, {});
    await assert.rejects(client.resource(token).create({ size: 1 }), /cancelled/);
    assert.ok(aborted);
  });
});
