import assert from "node:assert/strict";
import { test } from "node:test";
import { connectDocker } from "../../lib/docker.ts";
import { imageName } from "../../lib/images.ts";
import { settingDefaults } from "../../lib/settings.ts";
import { readImage } from "../../scripts/sbom/image-contents.ts";
import { renderSpdx } from "../../scripts/sbom/spdx.ts";
import { ensureImage } from "../helpers/postgres-server.ts";
import { spdxFaults } from "../helpers/spdx.ts";

test("the bill of an image is SPDX, with Debian's packages and Python's, and leaves no container behind", async () => {
  await ensureImage();
  const docker = await connectDocker();
  const { image, packages } = await readImage(docker, imageName("postgres"), settingDefaults.baseImage);
  assert.deepEqual(spdxFaults(renderSpdx(image, packages)), []);
  const names = packages.map(({ kind, name }) => `${kind} ${name}`);
  for (const name of [
    "postgresql-17",
    "postgresql-17-pgaudit",
    "etcd-server",
    "haproxy",
    "pgbouncer",
    "libc6",
  ]) {
    assert.ok(names.includes(`deb ${name}`), name);
  }
  assert.ok(packages.some(({ name, version }) => name === "patroni" && /^4\.1\.\d+$/.test(version)));
  const filters = JSON.stringify({ ancestor: [image.id], status: ["exited", "created"] });
  assert.deepEqual(await docker.listContainers({ all: true, filters }), []);
});

test("an image that is not there is named, with the way out", async () => {
  await assert.rejects(readImage(await connectDocker(), "ecosphere/postgres:none", "x"), {
    code: "image-missing",
  });
});
