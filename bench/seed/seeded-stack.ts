import type { Client } from "pg";
import { schemaName } from "../../lib/commerce-model.ts";
import { withClient } from "../../lib/connection.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import { completeTables, untilReplayed } from "../../scripts/seed/load/finish.ts";
import { SteadySession } from "../../scripts/seed/load/steady-session.ts";
import { silentProgress } from "../../scripts/seed/progress.ts";
import { seed } from "../../scripts/seed/seed.ts";
import { truncateAll } from "../../scripts/seed/seed-sql.ts";
import { readOutputs } from "../../scripts/stack/stack-state.ts";
import { benchStack } from "../bench-stack.ts";
import { time } from "../harness.ts";

export const asOf = "2026-11-22";
/** Rows of one unit of `--scale`, the categories left out. */
export const rowsOfUnit = 19_850;

/** A stack of its own whose tables benchmarks fill by turns. */
export interface SeededStack extends AsyncDisposable {
  readonly outputs: StackOutputs;
  /** Seconds of a seed of the emptied tables, to its very end: keys proven, statistics, replicas caught up. */
  seed(scale: number): Promise<number>;
  /** Empties the nine tables. */
  empty(): Promise<void>;
  /** What ends a seed, for whoever fills the tables otherwise. */
  finish(): Promise<void>;
  /** Megabytes of the nine tables, without their indexes. */
  tableMegabytes(): Promise<number>;
}

export async function seededStack(): Promise<SeededStack> {
  const stack = await benchStack();
  await stack.up();
  const outputs = await readOutputs(stack.name);
  const asSeeder = <T>(work: (client: Client) => Promise<T>): Promise<T> =>
    withClient(connectionTo(outputs, "admin", "seeder"), "ecosphere-bench", work);
  return {
    outputs,
    seed: (scale) => time(() => seed(outputs, { scale, asOf, reset: true }, { progress: silentProgress })),
    empty: () =>
      asSeeder(async (client) => {
        await client.query(truncateAll());
      }),
    finish: async () => {
      await completeTables([asSeeder, asSeeder]);
      await untilCaughtUp(outputs);
    },
    tableMegabytes: () =>
      asSeeder(async (client) => {
        const { rows } = await client.query<{ bytes: string }>(
          `SELECT sum(pg_table_size(c.oid))::text AS bytes FROM pg_class c
           JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`,
          [schemaName],
        );
        return Number(rows[0]?.bytes) / 1e6;
      }),
    [Symbol.asyncDispose]: async () => {
      await stack.destroy();
    },
  };
}

/** Waits until every replica has replayed what the primary has now. */
export async function untilCaughtUp(outputs: StackOutputs): Promise<void> {
  const watcher = new SteadySession(connectionTo(outputs, "admin", "monitoring"), "", () => undefined);
  try {
    await untilReplayed(outputs, watcher, (instance, reason) => {
      throw new Error(`${instance}: ${reason}`);
    });
  } finally {
    await watcher.close();
  }
}
