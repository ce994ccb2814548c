import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { withClient, type Connection } from "../../lib/connection.ts";
import { isList, type Properties } from "../../provider/host/values.ts";
import { createClusterAdmin } from "../helpers/cluster-admin.ts";
import { recordedState, type RecordedResource } from "../helpers/plugin-state.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";
import type { ProviderClient } from "../helpers/provider-client.ts";
import { connectStandIn } from "../helpers/stand-in-provider.ts";

// GrantRole is not among the stand-in's types: its membership is made by hand below.
const resources = recordedState().filter(
  ({ type }) => type.startsWith("postgresql:") && !type.endsWith(":GrantRole"),
);

describe("the postgresql stand-in beside a state of the official plugin", { timeout: 120_000 }, () => {
  let server: PostgresServer;
  let provider: ProviderClient;
  let admin: Connection;

  before(async () => {
    server = await startPostgres();
    admin = await createClusterAdmin(server);
    provider = await connectStandIn(admin);
  });
  after(async () => {
    await provider[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test("creates the same ids, inputs and outputs", async () => {
    assert.equal(resources.length, 12);
    const made: { recorded: RecordedResource; id: string; inputs: Properties; outputs: Properties }[] = [];
    for (const recorded of resources) {
      made.push({ recorded, ...(await provider.resource(recorded.type).make(programOf(recorded))) });
    }
    await withClient(admin, "ecosphere-test", (client) =>
      client.query("GRANT commerce_reader TO commerce_writer"),
    );
    // The recorded state is one after a refresh, so ours is refreshed too.
    for (const { recorded, id, inputs, outputs } of made) {
      const refreshed = await provider.resource(recorded.type).read(id, { inputs, outputs });
      assert.ok(refreshed, `${recorded.id} exists`);
      assert.equal(id, recorded.id);
      assert.deepEqual(refreshed.inputs, recorded.inputs, `inputs of ${recorded.id}`);
      assert.deepEqual(refreshed.outputs, recorded.outputs, `outputs of ${recorded.id}`);
      assert.deepEqual(await changesOf(recorded, { inputs, outputs }), {}, `diff of ${recorded.id} as made`);
    }
  });

  test("sees no change between the official plugin's state and the program, before and after a refresh", async () => {
    for (const recorded of resources) {
      const refreshed = await provider.resource(recorded.type).read(recorded.id, recorded);
      assert.ok(refreshed, `${recorded.id} exists`);
      assert.deepEqual(refreshed.outputs, recorded.outputs);
      // A GrantRole beside a Role is a change to the official plugin too.
      const expected = recorded.id === "commerce_writer" ? { roles: "delete" } : {};
      assert.deepEqual(await changesOf(recorded, recorded), expected, `diff of ${recorded.id}`);
      assert.deepEqual(
        await changesOf(recorded, refreshed),
        expected,
        `diff of ${recorded.id} after a refresh`,
      );
    }
  });

  test("keeps the official plugin's delta as long as nothing differs, and drops it then", async () => {
    const recorded = resources.find(({ id }) => id === "commerce_owner");
    assert.ok(recorded);
    const role = provider.resource(recorded.type);
    const delta = { obj: {} };
    const outputs = { ...recorded.outputs, __pulumi_raw_state_delta: delta };
    const same = await role.read(recorded.id, { inputs: recorded.inputs, outputs });
    assert.deepEqual(same?.outputs.__pulumi_raw_state_delta, delta);
    const stale = { ...outputs, connectionLimit: 7 };
    const changed = await role.read(recorded.id, { inputs: recorded.inputs, outputs: stale });
    assert.deepEqual(changed?.outputs, recorded.outputs);
  });

  async function changesOf(
    recorded: RecordedResource,
    state: { inputs: Properties; outputs: Properties },
  ): Promise<Readonly<Record<string, string>>> {
    const resource = provider.resource(recorded.type);
    const { inputs } = await resource.check(programOf(recorded), state.inputs);
    return (await resource.diff(recorded.id, state, inputs)).changes;
  }
});

/** What the program said: the inputs without those that the plugin filled in. */
function programOf({ inputs }: RecordedResource): Properties {
  const defaults = isList(inputs.__defaults) ? inputs.__defaults : [];
  const given = Object.entries(inputs).filter(([name]) => name !== "__defaults" && !defaults.includes(name));
  // An empty list of privileges comes back from a refresh as nothing.
  return Object.fromEntries(
    given.map(([name, value]) => [name, name === "privileges" ? (value ?? []) : value]),
  );
}
