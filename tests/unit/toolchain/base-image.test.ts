import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, afterEach, beforeEach, describe, test } from "node:test";
import { connectDocker } from "../../../lib/docker.ts";
import { settingDefaults } from "../../../lib/settings.ts";
import { baseImageStep, findBaseImage, isRefusal, ownBaseImage } from "../../../toolchain/base-image.ts";
import { importImage } from "../../../toolchain/import-image.ts";
import { startFakeDocker, type FakeDocker } from "../../helpers/fake-docker.ts";

const unreachable = `Get "https://registry.example/v2/": dial tcp: lookup registry.example: no such host`;
const names = ["DOCKER_HOST", "ECOSPHERE_CACHE", "PATH"] as const;
const saved = new Map(names.map((name) => [name, process.env[name]]));
const root = mkdtempSync(join(tmpdir(), "ecosphere-base-image-"));
const { getuid } = process;
let docker: FakeDocker;
let at = 0;

beforeEach(async () => {
  docker = await startFakeDocker();
  process.env["DOCKER_HOST"] = docker.address;
  process.env["ECOSPHERE_CACHE"] = join(root, `cache-${++at}`);
  const tools = join(root, "tools");
  mkdirSync(tools, { recursive: true });
  const debootstrap = join(tools, "debootstrap");
  writeFileSync(debootstrap, `#!/bin/sh\nfor last; do :; done\necho trixie > "$last/debian"\n`);
  chmodSync(debootstrap, 0o755);
  // Nothing that would install anything.
  writeFileSync(join(tools, "apt-get"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  process.env["PATH"] = [tools, saved.get("PATH") ?? ""].join(delimiter);
  process.getuid = () => 0;
});
afterEach(async () => {
  await docker[Symbol.asyncDispose]();
  if (getuid) process.getuid = getuid;
  for (const [name, value] of saved) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
});
after(() => {
  rmSync(root, { recursive: true });
});

const get = (wanted: string): Promise<void> =>
  baseImageStep(wanted).get(
    () => undefined,
    () => Promise.resolve(),
  );

describe("a stack that was built on an image of our own making", () => {
  test("never asks a registry for that name, and has it made again", async () => {
    docker.refusal = unreachable;
    await get(ownBaseImage);
    assert.deepEqual(docker.pulled, [settingDefaults.baseImage]);
    assert.deepEqual([...docker.images], [ownBaseImage]);
    assert.match(docker.imported[0]?.toString("latin1") ?? "", /\.\/debian/);
  });

  test("goes on with the published one when that can be had", async () => {
    await get(ownBaseImage);
    assert.deepEqual(docker.pulled, [settingDefaults.baseImage]);
    assert.equal(await findBaseImage(ownBaseImage), settingDefaults.baseImage);
  });

  test("keeps its own when both are there", async () => {
    docker.images.add(ownBaseImage).add(settingDefaults.baseImage);
    assert.equal(await findBaseImage(ownBaseImage), ownBaseImage);
    assert.equal(await findBaseImage(settingDefaults.baseImage), settingDefaults.baseImage);
    assert.equal(await findBaseImage("debian:other"), undefined);
  });
});

describe("a refusal of the registry", () => {
  test("spares the next run the question", async () => {
    docker.refusal = unreachable;
    await get(settingDefaults.baseImage);
    docker.images.clear();
    await get(settingDefaults.baseImage);
    assert.equal(docker.pulled.length, 1);
  });

  test("of an image that the user has named says nothing about the default one", async () => {
    docker.refusal = "pull access denied for debain, repository does not exist";
    await assert.rejects(get("debain:trixie"), { code: "base-image", message: /debain:trixie/ });
    docker.refusal = undefined;
    await get(settingDefaults.baseImage);
    assert.deepEqual(docker.pulled, ["debain:trixie", settingDefaults.baseImage]);
  });

  test("that ends by itself is not remembered", async () => {
    docker.refusal = "toomanyrequests: You have reached your pull rate limit";
    await get(settingDefaults.baseImage);
    docker.images.clear();
    docker.refusal = undefined;
    await get(settingDefaults.baseImage);
    assert.deepEqual([...docker.images], [settingDefaults.baseImage]);
  });

  test("is told from a limit, a wrong name and a full disk", () => {
    for (const reason of [
      unreachable,
      "connect: connection refused",
      "net/http: request canceled while waiting for connection (Client.Timeout exceeded)",
      "denied: requested access to the resource is denied",
      "error parsing HTTP 403 response body: Forbidden",
    ]) {
      assert.equal(isRefusal(reason), true, reason);
    }
    for (const reason of [
      "toomanyrequests: You have reached your unauthenticated pull rate limit",
      "manifest for debian:nope not found: manifest unknown: manifest unknown",
      "failed to register layer: write /usr/bin/x: no space left on device",
    ]) {
      assert.equal(isRefusal(reason), false, reason);
    }
  });
});

test("an archive that breaks off leaves no image and says why", async () => {
  const tar = join(root, "tools", "tar");
  writeFileSync(tar, "#!/bin/sh\necho half\necho 'file changed as we read it' >&2\nexit 2\n", {
    mode: 0o755,
  });
  try {
    await assert.rejects(importImage(await connectDocker(), root, "some/image:tag"), {
      code: "import-image",
      message: /some\/image:tag .*tar ended with code 2\nfile changed as we read it/,
    });
  } finally {
    rmSync(tar);
  }
  assert.deepEqual(docker.removed, ["sha256:1234"]);
  assert.deepEqual([...docker.images], []);
});
