import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Properties } from "../../provider/host/values.ts";
import { startPgddl } from "../helpers/pgddl-database.ts";
import { postgresVersions, whySkip } from "../helpers/postgres-server.ts";

const tables = 8;
const runsPerVersion = 5;

const nameOf = (run: number, at: number): string => `t_${run}_${at % tables}`;
const isSplit = (at: number): boolean => at % 4 === 3;

/** Every fourth table is partitioned. */
function tableInputs(run: number, at: number): Properties {
  return {
    ...{ schema: "shop", name: nameOf(run, at), owner: "shop_owner", comment: "side by side" },
    columns: [
      { name: "id", type: "serial" },
      { name: "next", type: "int" },
    ],
    primaryKey: { columns: ["id"] },
    ...(isSplit(at) && { partitionBy: { strategy: "range", columns: ["id"] } }),
  };
}

describe("eight tables with all that belongs to them, made side by side", () => {
  for (const version of postgresVersions) {
    test(`${runsPerVersion} times on PostgreSQL ${version}`, { skip: whySkip(version) }, async () => {
      await using database = await startPgddl(version);
      const { client } = database;
      for (let run = 0; run < runsPerVersion; run += 1) {
        const resource = (type: string, name: string): ReturnType<typeof client.resource> =>
          client.resource(`pgddl:index:${type}`, name);
        const each = Array.from({ length: tables }, (_, at) => at);
        const made = each.map((at) => resource("Table", nameOf(run, at)).make(tableInputs(run, at)));
        const parts = each.flatMap((at) => {
          const partitions = isSplit(at) ? [0, 1] : [];
          return [
            ...partitions.map(async (part) => {
              await made[at];
              const name = `${nameOf(run, at)}_${part}`;
              const bound = { from: [String(part * 10)], to: [String(part * 10 + 10)] };
              return resource("Partition", name).make({
                schema: "shop",
                name,
                parent: nameOf(run, at),
                bound,
              });
            }),
            (async () => {
              await Promise.all([made[at], made[(at + 1) % tables]]);
              const name = `${nameOf(run, at)}_key`;
              const references = { table: nameOf(run, at + 1), columns: ["id"] };
              const columns = ["next"];
              return resource("ForeignKey", name).make({
                schema: "shop",
                table: nameOf(run, at),
                name,
                columns,
                references,
              });
            })(),
          ];
        });
        const outcomes = await Promise.allSettled([...made, ...parts]);
        const faults = outcomes.flatMap((outcome) =>
          outcome.status === "rejected" ? [`run ${run}: ${String(outcome.reason)}`] : [],
        );
        assert.deepEqual(faults, []);
      }
      const [counted] = await database.sql<{ tables: number; keys: number; invalid: number }>(`
        SELECT (SELECT count(*)::int FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'shop'::regnamespace) AS tables,
               (SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND convalidated AND conparentid = 0) AS keys,
               (SELECT count(*)::int FROM pg_index WHERE NOT indisvalid) AS invalid`);
      const perRun = tables + 2 * 2;
      assert.deepEqual(counted, {
        tables: runsPerVersion * perRun,
        keys: runsPerVersion * tables,
        invalid: 0,
      });
    });
  }
});
