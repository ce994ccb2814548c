import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { imageName } from "../../lib/images.ts";
import { eventually } from "../../lib/poll.ts";
import { ecosphereProvider } from "../../provider/ecosphere/provider.ts";
import type { Properties } from "../../provider/host/values.ts";
import { ensureImage, testLabel } from "../helpers/postgres-server.ts";
import { connectProvider, type ProviderClient, type ResourceClient } from "../helpers/provider-client.ts";
import { within } from "../helpers/timeouts.ts";

const run = promisify(execFile);
const docker = async (...args: string[]): Promise<string> => (await run("docker", args)).stdout.trim();
const image = imageName("postgres");
const secret = `secret-${randomBytes(8).toString("hex")}`;

describe("VolumeFile on a real Docker", () => {
  let client: ProviderClient;
  let file: ResourceClient;

  before(async () => {
    await ensureImage();
    client = await connectProvider(ecosphereProvider, {});
    file = client.resource("ecosphere:index:VolumeFile");
  });
  after(() => client[Symbol.asyncDispose]());

  const inputsFor = (volume: Volume, more: Properties = {}): Properties => ({
    ...{ volume: volume.name, path: "app.yml", content: secret, uid: 999, gid: 999, image },
    ...more,
  });

  test("a file written before any container is what its user, and no other, reads in a read-only container", async () => {
    await using volume = await makeVolume();
    const plain = await file.make(inputsFor(volume));
    const nested = await file.make(inputsFor(volume, { path: "tls/server.key", mode: "0440", gid: 998 }));
    assert.equal(plain.id, `${volume.name}/app.yml`);
    assert.equal(nested.id, `${volume.name}/tls/server.key`);
    assert.deepEqual(await volume.helpers(), []);

    const container = await volume.mount("999:999", "sleep 600");
    const inside = (user: string, ...command: string[]): Promise<string> =>
      docker("exec", "--user", user, container, ...command);
    assert.equal(await inside("999:999", "cat", "/config/app.yml"), secret);
    assert.equal(await inside("999:999", "cat", "/config/tls/server.key"), secret);
    assert.equal(await inside("999:999", "stat", "-c", "%a %u %g", "/config/app.yml"), "400 999 999");
    assert.equal(await inside("999:999", "stat", "-c", "%a %u %g", "/config/tls/server.key"), "440 999 998");
    await assert.rejects(inside("1234:1234", "cat", "/config/app.yml"), /Permission denied/);
    for (const seen of [await docker("inspect", container), await docker("volume", "inspect", volume.name)]) {
      assert.ok(!seen.includes(secret));
    }
    assert.deepEqual(await file.read(plain.id, plain).then((found) => found?.inputs), plain.inputs);
  });

  test("an update goes through the running container, which is told once", async () => {
    await using volume = await makeVolume();
    const made = await file.make(inputsFor(volume, { content: "one", reloadSignal: "SIGHUP" }));
    const container = await volume.mount(
      "999:999",
      `trap 'echo "reloaded $(cat /config/app.yml)"' HUP; while :; do sleep 0.1; done`,
    );
    const began = new Date().toISOString();

    const ownerOnly = await file.update(made.id, made, { ...made.inputs, mode: "0440" });
    const updated = await file.update(made.id, ownerOnly, { ...ownerOnly.inputs, content: "two" });
    assert.equal(updated.outputs["content"], "two");
    await eventually({ what: "the reload", withinMs: within.lockSeen }, async () =>
      (await docker("logs", container)).includes("reloaded two") ? true : undefined,
    );
    assert.equal(await docker("logs", container), "reloaded two");
    assert.equal(client.messages.at(-1), `info: sent SIGHUP to ${container}`);
    assert.deepEqual(await volume.mountedBy(began), [await docker("inspect", "-f", "{{.Id}}", container)]);
  });

  test("a container that mounts the volume read-only is not written through", async () => {
    await using volume = await makeVolume();
    const container = await volume.mount("999:999", "sleep 600", "readonly");
    await file.make(inputsFor(volume));
    assert.equal(await docker("exec", container, "cat", "/config/app.yml"), secret);
    assert.deepEqual(await volume.helpers(), []);
  });

  test("an image that is gone does not matter: the helper never runs", async () => {
    await using volume = await makeVolume();
    const made = await file.make(inputsFor(volume, { image: "ecosphere/none:none" }));
    const rebuilt = { ...made, inputs: { ...made.inputs, image: "ecosphere/rebuilt:none" } };
    const found = await file.read(made.id, rebuilt);
    assert.equal(found?.inputs["content"], secret);
    assert.deepEqual(found.outputs, made.outputs, "a refresh would show a change of the image");
  });

  test("drift shows as changes of the properties, and an update mends it", async () => {
    await using volume = await makeVolume();
    const made = await file.make(inputsFor(volume));
    await volume.asRoot(
      "echo tampered > /config/app.yml; chmod 644 /config/app.yml; chown 0:0 /config/app.yml",
    );

    const found = await file.read(made.id, made);
    assert.ok(found);
    assert.ok(found.secretKeys.has("content"));
    assert.equal(found.inputs["content"], "tampered\n");
    const diff = await file.diff(made.id, found, made.inputs);
    assert.deepEqual(diff.changes, { content: "update", mode: "update", uid: "update", gid: "update" });
    await file.update(made.id, found, made.inputs);
    assert.deepEqual((await file.read(made.id, made))?.inputs, made.inputs);
  });

  test("a missing file and a missing volume are reported as gone", async () => {
    await using volume = await makeVolume();
    const made = await file.make(inputsFor(volume));
    await volume.asRoot("rm /config/app.yml");
    assert.equal(await file.read(made.id, made), undefined);
    await docker("volume", "rm", volume.name);
    assert.equal(await file.read(made.id, made), undefined);
    await assert.rejects(file.create(made.inputs), new RegExp(`volume ${volume.name} does not exist`));
    // Docker makes a volume that a container names; a misspelt name must not become one.
    await assert.rejects(docker("volume", "inspect", volume.name), /[Nn]o such volume/);
  });

  test("an import finds content, owner and mode", async () => {
    await using volume = await makeVolume();
    const made = await file.make(inputsFor(volume));
    const found = await file.read(made.id);
    assert.deepEqual({ ...found?.inputs, image }, made.inputs);
    assert.deepEqual((await file.check(found?.inputs ?? {})).faults, []);
    assert.ok(found?.secretKeys.has("content"));
  });

  test("a directory in the file's place is left as it is, and no helper stays behind", async () => {
    await using volume = await makeVolume();
    await volume.asRoot("mkdir /config/app.yml; echo precious > /config/app.yml/data");
    await assert.rejects(file.make(inputsFor(volume)), (error: Error) => {
      assert.match(error.message, /cannot write app\.yml into the Docker volume/);
      assert.ok(!error.message.includes(secret));
      return true;
    });
    assert.deepEqual(await volume.helpers(), []);
    assert.equal(await volume.asRoot("cat /config/app.yml/data"), "precious");
  });

  test("after Ctrl-C nothing is written and no helper stays behind", async () => {
    await using volume = await makeVolume();
    await using own = await connectProvider(ecosphereProvider, {});
    await own.cancel();
    await assert.rejects(own.resource("ecosphere:index:VolumeFile").make(inputsFor(volume)), /cancelled/);
    assert.deepEqual(await volume.helpers(), []);
    assert.equal(await volume.asRoot("ls /config"), "");
  });

  test("a delete removes the helper of a killed run, which would hold the volume", async () => {
    await using volume = await makeVolume();
    const made = await file.make(inputsFor(volume));
    const left = ["--label", "ecosphere.helper=1", "--label", testLabel, "--volume", `${volume.name}:/x`];
    await docker("create", ...left, image, "true");
    assert.equal((await volume.helpers()).length, 1);
    await file.delete(made.id, made);
    assert.deepEqual(await volume.helpers(), []);
  });
});

interface Volume extends AsyncDisposable {
  readonly name: string;
  /** Starts a container with a read-only root and the volume at /config; returns its name. */
  mount(user: string, script: string, mode?: "readonly"): Promise<string>;
  asRoot(script: string): Promise<string>;
  helpers(): Promise<string[]>;
  /** Ids of the containers through which Docker has reached into the volume since then. */
  mountedBy(since: string): Promise<string[]>;
}

async function makeVolume(): Promise<Volume> {
  const name = `ecosphere-test-${randomBytes(5).toString("hex")}`;
  await docker("volume", "create", "--label", testLabel, name);
  const containers: string[] = [];
  const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");
  return {
    name,
    mount: async (user, script, mode) => {
      const container = `${name}-${containers.length}`;
      containers.push(container);
      const mount = `type=volume,source=${name},target=/config${mode ? `,${mode}` : ""}`;
      await docker(
        ...["run", "--detach", "--init=false", "--name", container, "--label", testLabel, "--user", user],
        ...["--read-only", "--cap-drop", "ALL", "--network", "none", "--stop-timeout", "0"],
        ...["--mount", mount, image, "bash", "-c", script],
      );
      return container;
    },
    asRoot: (script) =>
      docker(
        ...["run", "--rm", "--label", testLabel, "--user", "0", "--network", "none"],
        ...["--volume", `${name}:/config`, image, "bash", "-c", script],
      ),
    helpers: async () =>
      lines(await docker("ps", "-aq", "--filter", "label=ecosphere.helper=1", "--filter", `volume=${name}`)),
    mountedBy: async (since) => {
      const filters = ["--filter", `volume=${name}`, "--filter", "event=mount"];
      const window = ["--since", since, "--until", new Date().toISOString()];
      const format = '{{index .Actor.Attributes "container"}}';
      return [...new Set(lines(await docker("events", ...window, ...filters, "--format", format)))];
    },
    [Symbol.asyncDispose]: async () => {
      if (containers.length > 0) await docker("rm", "--force", "--volumes", ...containers);
      await docker("volume", "rm", "--force", name);
    },
  };
}
