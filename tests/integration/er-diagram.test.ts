import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/paths.ts";
import { erDiagram, isErDiagramStale } from "../../scripts/er-diagram/er-diagram.ts";
import { createCommerceDatabase, createCommerceRoles } from "../helpers/commerce-database.ts";
import { startPostgres } from "../helpers/postgres-server.ts";

test("the README shows the diagram of the tables as they are in a database", async () => {
  await using server = await startPostgres();
  const credentials = await createCommerceRoles(server.superuser);
  await using shop = await createCommerceDatabase(server.superuser, credentials);
  const reader = { ...shop.superuser, ...credentials.reporting };
  const diagram = await erDiagram(reader);
  assert.equal(diagram.match(/^ {2}\w+ \{$/gm)?.length, 9);
  assert.equal(diagram.match(/--o\{/g)?.length, 9);

  const readme = readFileSync(join(projectRoot, "README.md"), "utf8");
  assert.ok(!isErDiagramStale(readme, diagram), "README.md is stale: run ./ecosphere er-diagram");

  await shop.sql("ALTER TABLE shop.reviews ADD COLUMN helpful integer");
  assert.ok(isErDiagramStale(readme, await erDiagram(reader)), "a new column makes it stale");
});
