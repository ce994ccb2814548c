import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ecosphereProvider } from "../../../../provider/ecosphere/provider.ts";
import { unknown, type Properties } from "../../../../provider/host/values.ts";
import {
  connectProvider,
  type ProviderClient,
  type ResourceClient,
} from "../../../helpers/provider-client.ts";

const inputs = {
  volume: "shop-pg-1-config",
  path: "patroni.yml",
  content: "password: hunter2",
  mode: "0400",
  uid: 999,
  gid: 999,
  image: "sha256:1",
} as const;
const id = "shop-pg-1-config/patroni.yml";
const known = { inputs, outputs: inputs };

describe("VolumeFile", () => {
  let client: ProviderClient;
  let file: ResourceClient;
  const configured = process.env["DOCKER_HOST"];

  before(async () => {
    // No daemon: whatever these tests ask for must be answered without one.
    process.env["DOCKER_HOST"] = `unix://${join(tmpdir(), "ecosphere-no-docker.sock")}`;
    client = await connectProvider(ecosphereProvider, {});
    file = client.resource("ecosphere:index:VolumeFile");
  });
  after(async () => {
    if (configured === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = configured;
    await client[Symbol.asyncDispose]();
  });

  test("accepts sound inputs, fills in the mode and keeps the content secret", async () => {
    const { mode, ...rest } = inputs;
    const checked = await file.check(rest);
    assert.deepEqual(checked.faults, []);
    assert.equal(checked.inputs["mode"], mode);
    assert.deepEqual([...checked.secretKeys], ["content"]);
  });

  test("writes the mode in one way, so that no spelling of it is a change", async () => {
    assert.equal((await file.check({ ...inputs, mode: "440" })).inputs["mode"], "0440");
  });

  for (const path of ["/etc/passwd", "../other", "a/../../b", "a//b", "a/", ".", ""]) {
    test(`refuses the path ${JSON.stringify(path)}`, async () => {
      const { faults } = await file.check({ ...inputs, path });
      assert.deepEqual(
        faults.map(({ property }) => property),
        ["path"],
      );
      assert.ok(faults[0]?.reason.includes(JSON.stringify(path)), faults[0]?.reason);
    });
  }

  test("reports every fault at once, without the content", async () => {
    const wrong = {
      volume: "a/b",
      content: 7,
      mode: "999",
      uid: -1,
      gid: 1.5,
      image: "",
      reloadSignal: "HUP",
    };
    const { faults } = await file.check({ ...wrong, colour: "red" });
    const properties = faults.map(({ property }) => property).sort();
    assert.deepEqual(properties, [
      "colour",
      "content",
      "gid",
      "image",
      "mode",
      "path",
      "reloadSignal",
      "uid",
      "volume",
    ]);
    const reasonOf = (name: string): string => faults.find(({ property }) => property === name)?.reason ?? "";
    assert.match(reasonOf("content"), /the secret given/);
    assert.match(reasonOf("mode"), /octal.*received "999"/);
    assert.match(reasonOf("path"), /it is missing/);
  });

  test("lets values pass that a preview does not know yet", async () => {
    const checked = await file.check({ ...inputs, volume: unknown, content: unknown, image: unknown });
    assert.deepEqual(checked.faults, []);
    assert.equal(checked.inputs["volume"], unknown);
  });

  test("a preview of a create names the file and changes nothing", async () => {
    const created = await file.create(inputs, true);
    assert.equal(created.id, id);
    assert.deepEqual(created.outputs, inputs);
    assert.ok(created.secretKeys.has("content"));
  });

  test("a preview with an unknown volume has no id yet", async () => {
    assert.equal((await file.create({ ...inputs, volume: unknown }, true)).id, "");
  });

  test("equal inputs are no change, and neither is a rebuilt image", async () => {
    assert.deepEqual((await file.diff(id, known, inputs)).changes, {});
    assert.deepEqual((await file.diff(id, known, { ...inputs, image: "sha256:2" })).changes, {});
  });

  const updates: readonly Properties[] = [{ content: "x" }, { mode: "0440" }, { uid: 998 }, { gid: 998 }];
  for (const change of updates) {
    const property = Object.keys(change).join();
    test(`another ${property} is an update in place`, async () => {
      const diff = await file.diff(id, known, { ...inputs, ...change });
      assert.deepEqual(diff.changes, { [property]: "update" });
      assert.deepEqual(diff.replaces, []);
    });
  }

  for (const property of ["volume", "path"]) {
    test(`another ${property} is another file`, async () => {
      const diff = await file.diff(id, known, { ...inputs, [property]: "other" });
      assert.deepEqual(diff.changes, { [property]: "update-replace" });
      assert.deepEqual(diff.replaces, [property]);
    });
  }

  test("without Docker, a refresh keeps what is known and warns", async () => {
    const found = await file.read(id, known);
    assert.deepEqual(found?.inputs, inputs);
    assert.match(client.messages.at(-1) ?? "", /warning: .*patroni\.yml.*Docker does not answer/);
  });

  test("without Docker, an import and a create fail, a delete does not", async () => {
    await assert.rejects(file.read(id), /Docker does not answer[^]*Start it/);
    await assert.rejects(file.create(inputs), /Docker does not answer[^]*Start it/);
    await file.delete(id, known);
  });

  test("an import says what an id looks like", async () => {
    await assert.rejects(file.read("patroni.yml"), /VOLUME\/PATH/);
    await assert.rejects(file.read("volume/../x"), /VOLUME\/PATH/);
  });
});

test("the schema has every type that the provider serves", async () => {
  const resources = ecosphereProvider.schema["resources"];
  assert.ok(typeof resources === "object" && resources !== null);
  assert.deepEqual(Object.keys(resources).sort(), [...ecosphereProvider.resources.keys()].sort());
});
