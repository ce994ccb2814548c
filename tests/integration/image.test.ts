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

  test("removes a copy that was cut off before it starts, and no folder that may be the only one", async () => {
    await ensureImage();
    const run = await inImage(`
      set -e
      mkdir -p /tmp/www /tmp/bin
      echo '{"etcdserver":"3.5.16","etcdcluster":"3.5.0"}' > /tmp/www/version
      python3 -m http.server 2379 --bind 127.0.0.1 --directory /tmp/www > /dev/null 2>&1 &
      # In Patroni's place.
      printf '#!/bin/sh\n' > /tmp/bin/run-patroni
      chmod +x /tmp/bin/run-patroni
      export PATH=/tmp/bin:$PATH
      data=/data/postgres/main
      printf 'hosts: 127.0.0.1:2379\npostgresql:\n  data_dir: %s\n' $data > /tmp/patroni.yml
      starts() { # starts NAME: what is left of the folder
        start-patroni /tmp/patroni.yml > /dev/null
        echo "$1: $(ls -A $data 2> /dev/null | xargs)"
        rm -rf $data
        mkdir -p $data
      }
      starts none
      mkdir -p $data/base $data/global; touch $data/backup_label $data/PG_VERSION; starts cut-off
      mkdir -p $data/pg_wal/archive_status; starts begun
      mkdir -p $data/base $data/global; touch $data/backup_label $data/global/pg_control; starts complete
      mkdir -p $data/base $data/pg_wal; touch $data/PG_VERSION; starts damaged`);
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(run.output.trim().split("\n"), [
      "none: ",
      "cut-off: ",
      "begun: ",
      "complete: backup_label base global",
      "damaged: PG_VERSION base pg_wal",
    ]);
  });
});
