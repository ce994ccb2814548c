import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withClient } from "../../lib/connection.ts";
import { connectDocker } from "../../lib/docker.ts";
import { imageName } from "../../lib/images.ts";
import { runCommand } from "../helpers/ecosphere.ts";
import { ensureImage, startPostgres } from "../helpers/postgres-server.ts";

const inImage = (script: string): Promise<{ code: number; output: string }> =>
  runCommand([
    "docker",
    "run",
    "--rm",
    "--network",
    "none",
    "--user",
    "0",
    imageName("postgres"),
    "bash",
    "-c",
    script,
  ]);

describe("the image of PostgreSQL", () => {
  test("starts a server that answers over TCP with a password", async () => {
    await using server = await startPostgres();
    const version = await withClient(server.superuser, "test", async (client) => {
      const { rows } = await client.query<{ version: string }>("SELECT version()");
      return rows[0]?.version;
    });
    assert.match(version ?? "", /^PostgreSQL 17/);
  });

  test("has under 300 MB in all its layers, with every part's program in it", async () => {
    await ensureImage();
    const docker = await connectDocker();
    const { Size } = await docker.getImage(imageName("postgres")).inspect();
    assert.ok(Size < 300e6, `${Math.round(Size / 1e6)} MB`);
    const run = await inImage(
      "postgres --version && patroni --version && etcd --version && haproxy -v && pgbouncer --version && psql --version",
    );
    assert.equal(run.code, 0, run.output);
  });

  test("runs as a user of its own, whose id the project writes files for", async () => {
    await ensureImage();
    const run = await runCommand([
      "docker",
      "run",
      "--rm",
      "--network",
      "none",
      imageName("postgres"),
      "id",
      "-u",
    ]);
    assert.equal(run.stdout.trim(), "999");
  });

  test("keeps nothing of the host's certificate authorities", async () => {
    await ensureImage();
    const found = await inImage("ls -A /tmp; find / -xdev -name 'ca-bundle.pem'");
    assert.equal(found.code, 0, found.output);
    assert.equal(found.output.trim(), "");
    // The list that Debian ships is there, and nothing beside it.
    const local = await inImage("ls -A /usr/local/share/ca-certificates | wc -l");
    assert.equal(local.output.trim(), "0");
  });
});
