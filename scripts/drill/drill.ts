import { messageOf } from "../../lib/errors.ts";
import type { StackOutputs } from "../../lib/stack-outputs.ts";
import { chaosOrder } from "./chaos.ts";
import { checkRows, type RowVerdict } from "./check-rows.ts";
import type { DrillPlan } from "./drill-options.ts";
import { createDrillSchema, dropDrillSchema } from "./drill-schema.ts";
import type { Fault } from "./fault.ts";
import { heal } from "./heal.ts";
import { IdSource } from "./journal.ts";
import { Parts } from "./parts.ts";
import { readBack } from "./read-back.ts";
import { renderRound } from "./print-drill.ts";
import { faultsFound, rowFaults, type DrillReport, type RoundReport } from "./report.ts";
import { runRound, type Stage } from "./round.ts";
import { targetsOf } from "./targets.ts";
import { waitUntilWhole } from "./whole.ts";

export interface DrillWorld {
  readonly stack: string;
  readonly outputs: StackOutputs;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/** Makes the faults of a plan one after the other. What was broken is mended, whatever happens. */
export async function drill(plan: DrillPlan, world: DrillWorld): Promise<DrillReport> {
  const { outputs, signal, tell } = world;
  const parts = await Parts.of(world.stack);
  const targets = targetsOf(outputs);
  for (const done of await heal(parts)) tell(`Left by something before this drill: ${done}.`);
  await waitUntilWhole(outputs, targets, parts, 120_000, { signal });
  const logins = [targets.rw.user, targets.ro.user, ...targets.instances.map(({ writer }) => writer.user)];
  await createDrillSchema(targets.admin, logins);
  const stage: Stage = { stack: outputs, targets, parts, ids: new IdSource(), sent: [], signal, tell };
  const rounds: RoundReport[] = [];
  let atTheEnd: RowVerdict | undefined;
  const leftOut = new Set<string>();
  try {
    for (const fault of faultsOf(plan, tell)) {
      if (signal.aborted) break;
      const unfit = fault.unfit?.(parts);
      if (unfit !== undefined) {
        leftOut.add(`${fault.name}: ${unfit}`);
        continue;
      }
      tell(`\n${fault.name}: ${fault.title}`);
      const round = await runRound(stage, fault);
      rounds.push(round);
      tell(renderRound(round));
      // What is broken now would be blamed on the next fault.
      if (!round.isWhole) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    for (const done of await heal(parts)) tell(`Mended: ${done}.`);
    try {
      await waitUntilWhole(outputs, targets, parts, 120_000);
      atTheEnd = checkRows(stage.sent, await readBack(targets, 0));
    } catch (error) {
      tell(`The cluster is not whole: ${messageOf(error)}`);
    }
    await dropDrillSchema(targets.admin).catch((error: unknown) => {
      tell(`The schema of the drill is still there; the next drill drops it: ${messageOf(error)}`);
    });
  }
  const isPassed =
    rounds.length > 0 &&
    rounds.every((round) => faultsFound(round).length === 0) &&
    atTheEnd !== undefined &&
    rowFaults(atTheEnd).length === 0;
  return {
    seed: plan.kind === "chaos" ? plan.seed : undefined,
    rounds,
    leftOut: [...leftOut],
    atTheEnd,
    isPassed,
  };
}

function* faultsOf(plan: DrillPlan, tell: (line: string) => void): Generator<Fault> {
  if (plan.kind === "named") {
    for (let round = 1; round <= plan.rounds; round++) yield* plan.faults;
    return;
  }
  tell(`Random faults of seed ${plan.seed}: the same again with --seed ${plan.seed}.`);
  const byName = new Map(plan.faults.map((fault) => [fault.name, fault]));
  const end = "ms" in plan.until ? Date.now() + plan.until.ms : Number.POSITIVE_INFINITY;
  let left = "faults" in plan.until ? plan.until.faults : Number.POSITIVE_INFINITY;
  for (const name of chaosOrder(plan.seed, [...byName.keys()])) {
    if (left-- <= 0 || Date.now() >= end) return;
    const fault = byName.get(name);
    if (fault) yield fault;
  }
}
