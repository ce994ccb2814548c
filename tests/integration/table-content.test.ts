import assert from "node:assert/strict";
import { test } from "node:test";
import { withClient } from "../../lib/connection.ts";
import { contentHashes } from "../../scripts/check/table-content.ts";
import { createCommerceDatabase, createCommerceRoles } from "../helpers/commerce-database.ts";
import { startPostgres } from "../helpers/postgres-server.ts";

test("the content hash tells apart what a count, an XOR or a sum would take for equal", async () => {
  await using server = await startPostgres();
  const credentials = await createCommerceRoles(server.superuser);
  await using shop = await createCommerceDatabase(server.superuser, credentials);
  // Rows may then be alike: the XOR of two like rows is nothing.
  await shop.sql("ALTER TABLE shop.categories DROP CONSTRAINT categories_pkey CASCADE");
  const hashOf = (rows: string): Promise<string | undefined> =>
    withClient(shop.superuser, "ecosphere-test", async (client) => {
      await client.query("BEGIN");
      if (rows !== "") await client.query(`INSERT INTO shop.categories VALUES ${rows}`);
      const hashes = await contentHashes(client);
      await client.query("ROLLBACK");
      return hashes.get("categories");
    });
  const contents = [
    "",
    "(1, 'a')",
    "(1, 'b')",
    "(1, 'a'), (1, 'a')",
    "(2, 'b'), (2, 'b')",
    "(1, 'a'), (2, 'b')",
    "(1, 'b'), (2, 'a')",
    "(1, 'a'), (1, 'a'), (2, 'b'), (2, 'b')",
    "(1, 'a'), (1, 'a'), (3, 'c'), (3, 'c')",
    "(1, 'a,b')",
    "(1, '')",
  ];
  const hashes = await Promise.all(contents.map(hashOf));
  assert.equal(new Set(hashes).size, contents.length);
  assert.equal(
    await hashOf("(2, 'b'), (1, 'a')"),
    await hashOf("(1, 'a'), (2, 'b')"),
    "order does not count",
  );
});
