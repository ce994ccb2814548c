import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { ecosphereProvider } from "../../../../provider/ecosphere/provider.ts";
import { unknown } from "../../../../provider/host/values.ts";
import {
  connectProvider,
  type ProviderClient,
  type ResourceClient,
} from "../../../helpers/provider-client.ts";

const inputs = {
  containers: ["c1", "c2"],
  host: "127.0.0.1",
  adminPorts: [6432],
  username: "ecosphere_admin",
  password: "hunter2",
  database: "postgres",
  replicas: 2,
  timeoutSeconds: 180,
} as const;
const known = { inputs, outputs: { ...inputs, port: 6432 } };

describe("Gate", () => {
  let client: ProviderClient;
  let gate: ResourceClient;

  before(async () => {
    client = await connectProvider(ecosphereProvider, {});
    gate = client.resource("ecosphere:index:Gate", "shop");
  });
  after(() => client[Symbol.asyncDispose]());

  test("accepts sound inputs, fills in defaults and keeps the password secret", async () => {
    const { database, timeoutSeconds, ...rest } = inputs;
    const checked = await gate.check(rest);
    assert.deepEqual(checked.faults, []);
    assert.deepEqual(checked.inputs, { ...rest, database, timeoutSeconds });
    assert.deepEqual([...checked.secretKeys], ["password"]);
  });

  test("reports every fault at once, without the password", async () => {
    const { faults } = await gate.check({
      ...inputs,
      ...{ containers: "c1", adminPorts: [0], replicas: -1, password: "", timeoutSeconds: 0 },
    });
    const properties = faults.map(({ property }) => property);
    assert.deepEqual(properties, ["containers", "adminPorts", "password", "replicas", "timeoutSeconds"]);
    assert.match(faults[1]?.reason ?? "", /must be a port, 1 to 65535; received \[0\]/);
    assert.match(faults[2]?.reason ?? "", /the secret given/);
  });

  test("lets containers pass that a preview does not know yet", async () => {
    const checked = await gate.check({ ...inputs, containers: ["c1", unknown] });
    assert.deepEqual(checked.faults, []);
    assert.deepEqual(checked.inputs["containers"], ["c1", unknown]);
  });

  test("host and port are unknown in a preview that creates it", async () => {
    const created = await gate.create(inputs, true);
    assert.equal(created.outputs["host"], unknown);
    assert.equal(created.outputs["port"], unknown);
  });

  test("host and port are the old ones in a preview that updates it", async () => {
    const news = { ...inputs, containers: [unknown, "c2"], adminPorts: [7000] };
    const { outputs } = await gate.update("shop", known, news, true);
    assert.equal(outputs["host"], "127.0.0.1");
    assert.equal(outputs["port"], 6432);
  });

  test("nothing changed is no change, and neither is another patience", async () => {
    assert.deepEqual((await gate.diff("shop", known, inputs)).changes, {});
    assert.deepEqual((await gate.diff("shop", known, { ...inputs, timeoutSeconds: 60 })).changes, {});
  });

  const changes = {
    containers: ["c1", unknown],
    replicas: 1,
    adminPorts: [7000],
    host: "10.0.0.1",
    password: "other",
    username: "other",
  };
  for (const [property, value] of Object.entries(changes)) {
    test(`other ${property}: waits again, in place`, async () => {
      const diff = await gate.diff("shop", known, { ...inputs, [property]: value });
      assert.deepEqual(diff.changes, { [property]: "update" });
      assert.deepEqual(diff.replaces, []);
    });
  }

  test("a refresh and a delete connect nowhere", async () => {
    const found = await gate.read("shop", known);
    assert.deepEqual(found?.outputs, known.outputs);
    await gate.delete("shop", known);
    assert.deepEqual(client.messages, []);
  });

  test("refuses an import", async () => {
    await assert.rejects(gate.read("shop"), /cannot be imported/);
  });

  test("says that the port is closed, and what to do", async () => {
    const adminPorts = [await closedPort()];
    const wanted = { ...inputs, containers: [], adminPorts, timeoutSeconds: 0.3 };
    const error = await failure(gate.create(wanted));
    assert.match(error.message, /not ready: waited .* last seen: .*ECONNREFUSED/);
    assert.match(error.message, /\.\/ecosphere logs[^]*\.\/ecosphere up/);
    assert.doesNotMatch(error.message, /hunter2/);
  });

  test("gives up at once on Ctrl-C, also while a server stays silent", async () => {
    await using own = await connectProvider(ecosphereProvider, {});
    const silent = createServer();
    const connected = new Promise<Socket>((resolve) => {
      silent.once("connection", resolve);
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    assert.ok(typeof address === "object" && address !== null);
    const wanted = { ...inputs, containers: [], adminPorts: [address.port] };
    const failed = failure(own.resource("ecosphere:index:Gate").create(wanted));
    const socket = await connected;
    const began = performance.now();
    await own.cancel();
    assert.match((await failed).message, /cancelled/);
    assert.ok(performance.now() - began < 2000);
    socket.destroy();
    silent.close();
  });
});

async function failure(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => assert.fail("it passed"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Error);
  return error;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}
