import { messageOf } from "../../../lib/errors.ts";
import { connectionTo } from "../../../lib/stack-outputs.ts";
import { rangesOf, type RowRange } from "../../seed/generate/row-range.ts";
import { SeedWorkers } from "../../seed/load/workers.ts";
import { readRuns, type SeedRun } from "../../seed/manifest.ts";
import { totalRows } from "../../seed/seed-plan.ts";
import { reachable, type CheckContext } from "../check-context.ts";
import type { Check } from "../check.ts";

/** Each range is read from one instance, in turns: that they are equal is another check's concern. */
export const generatedRows: Check = {
  name: "generated-rows",
  title: "Every seeded row is what the generator makes, to the byte",
  endpoint: "instances",
  onlyAsSeeded: true,
  run: async (context) => {
    const runs = await context.transaction("rw", "reporting", "snapshot", readRuns);
    const unfinished = runs.filter(({ isFinished }) => !isFinished);
    const faults = unfinished.map(() => "a seed was cut off; ./ecosphere seed completes it");
    const topology = await context.topology();
    const instances = [topology.primary, ...reachable(topology).replicas];
    for (const run of runs.filter(({ isFinished }) => isFinished)) {
      faults.push(...(await differences(context, run, instances)));
    }
    const rows = runs.reduce((sum, { plan }) => sum + totalRows(plan), 0);
    return {
      faults,
      detail:
        runs.length === 0
          ? "no seed on record"
          : `${rows} rows as generated, read from ${instances.join(", ")}`,
    };
  },
};

async function differences(
  context: CheckContext,
  { plan }: SeedRun,
  instances: readonly string[],
): Promise<string[]> {
  const ranges = rangesOf(plan);
  const placeOf = (range: RowRange): string => instances[ranges.indexOf(range) % instances.length] ?? "";
  /** The first of each table. */
  const found = new Map<string, { readonly id: number; readonly fault: string }>();
  await using workers = await SeedWorkers.start(plan, ranges);
  const stop = (): void => {
    void workers[Symbol.asyncDispose]();
  };
  context.signal.addEventListener("abort", stop, { once: true });
  await workers
    .forEach(
      ranges,
      (range) => {
        context.signal.throwIfAborted();
        const from = connectionTo(context.stack, { instance: placeOf(range) }, "reporting");
        return Promise.resolve({ kind: "compare", range, from });
      },
      () => ({ rows: () => undefined, waiting: () => undefined }),
      (range, { firstDifferentId: id }) => {
        if (id === undefined || (found.get(range.table)?.id ?? Infinity) < id) return;
        const fault = `${range.table} on ${placeOf(range)} is not what the seed wrote, first at id ${id}`;
        found.set(range.table, { id, fault });
      },
    )
    .catch((error: unknown) => {
      throw new Error(`the rows could not be compared: ${messageOf(error)}`, { cause: error });
    });
  return [...found.values()].map(({ fault }) => fault);
}
