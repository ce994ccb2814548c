import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { from as copyFrom } from "pg-copy-streams";
import { commerceTable } from "../../lib/commerce-model.ts";
import { withClient, type Connection } from "../../lib/connection.ts";
import { Generator } from "../../scripts/seed/generate/generator.ts";
import { chunksOf, rangesOf } from "../../scripts/seed/generate/row-range.ts";
import type { SeedPlan } from "../../scripts/seed/seed-plan.ts";
import { copyIn } from "../../scripts/seed/seed-sql.ts";

/** Writes the rows of a plan as they are, past triggers and so past foreign keys, and gathers statistics. */
export async function loadPlan(superuser: Connection, plan: SeedPlan): Promise<void> {
  const generator = await Generator.of(plan);
  await withClient(superuser, "ecosphere-test", async (client) => {
    await client.query("SET session_replication_role TO replica");
    for (const range of rangesOf(plan)) {
      const copy = client.query(copyFrom(copyIn(commerceTable(range.table))));
      const bytes = Array.from(chunksOf(generator, range), (chunk) => chunk.bytes);
      await pipeline(Readable.from(bytes), copy);
    }
    await client.query("VACUUM (ANALYZE)");
  });
}
