import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Connection } from "../../lib/connection.ts";
import type { Known } from "../../provider/host/provider.ts";
import { createClusterAdmin } from "../helpers/cluster-admin.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";
import { connectStandIn, standInResource } from "../helpers/stand-in-provider.ts";

describe("the postgresql stand-in while the server is down", { timeout: 120_000 }, () => {
  let server: PostgresServer;
  let admin: Connection;
  let role: Known & { readonly id: string };

  before(async () => {
    server = await startPostgres();
    admin = await createClusterAdmin(server);
    await using provider = await connectStandIn(admin);
    role = await standInResource(provider, "Role").make({ name: "kept" });
  });
  after(() => server[Symbol.asyncDispose]());

  test("reads what the state holds, warns once, and gives an import up", async () => {
    await server.pause();
    try {
      await using provider = await connectStandIn(admin, 1);
      const reads = Array.from({ length: 8 }, () => standInResource(provider, "Role").read(role.id, role));
      for (const read of await Promise.all(reads)) assert.deepEqual(read?.outputs, role.outputs);
      const begun = Date.now();
      assert.deepEqual((await standInResource(provider, "Role").read(role.id, role))?.inputs, role.inputs);
      assert.ok(Date.now() - begun < 1000, "a server known to be down is not waited for again");
      assert.equal(provider.messages.length, 1);
      assert.match(provider.messages[0] ?? "", /^warning: .*does not answer.*taken as it is$/);
      await assert.rejects(standInResource(provider, "Role").read(role.id), /does not answer/);
      await assert.rejects(
        standInResource(provider, "Role").delete(role.id, role),
        /error deleting role "kept".*does not answer/,
      );
    } finally {
      await server.resume();
    }
  });

  test("waits for a server that comes up", async () => {
    await server.pause();
    await using provider = await connectStandIn(admin);
    const making = standInResource(provider, "Role").make({ name: "late" });
    await server.resume();
    assert.equal((await making).id, "late");
  });

  test("does not take a wrong password for a server that is down", async () => {
    await using provider = await connectStandIn({ ...admin, password: "wrong" });
    await assert.rejects(standInResource(provider, "Role").read(role.id, role), /\(28P01\)/);
  });
});
