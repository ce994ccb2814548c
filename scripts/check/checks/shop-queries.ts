import type { Client, ClientBase } from "pg";
import { schemaName } from "../../../lib/commerce-model.ts";
import { firstDifference } from "../../queries/compare-answer.ts";
import { expectedAnswers, type QueryCase } from "../../queries/expected/expectations.ts";
import { controlReads, isAtScale, judgeReads, ordersAtScale, readsOf } from "../../queries/judge-plan.ts";
import { casesOf, describeCase } from "../../queries/query-cases.ts";
import { runQuery } from "../../queries/run-query.ts";
import type { AnswerRows } from "../../queries/shop-query.ts";
import { readRoots } from "../../queries/table-reads.ts";
import { Generator } from "../../seed/generate/generator.ts";
import { readRuns, type SeedRun } from "../../seed/manifest.ts";
import type { Check, CheckOutcome } from "../check.ts";
import { markedLsn, waitForReplay } from "../replay.ts";

/** What a database says of a seed that filled it. */
export type RecordedSeed = Pick<SeedRun, "plan" | "isFinished">;

const replayWithinMs = 10_000;

/** @param seedsOf the seeds that a database has on record, the first first */
export function shopQueriesCheck(
  seedsOf: (client: ClientBase) => Promise<readonly RecordedSeed[]> = readRuns,
): Check {
  return {
    name: "shop-queries",
    title: "The shop's queries answer what its rows say, by the plans they are made for",
    endpoint: "ro",
    onlyAsSeeded: true,
    run: async (context) => {
      const { primary } = await context.topology();
      const lsn = await context.transaction({ instance: primary }, "monitoring", "read", markedLsn);
      const seeds = await context.transaction("ro", "reporting", "read", async (client) => {
        // A replica that is a moment behind would answer from before the seed.
        await waitForReplay(client, lsn, replayWithinMs);
        return seedsOf(client);
      });
      const [seed] = seeds;
      if (!seed) return skipped("no seed on record: nothing says what the answers should be");
      const reason = whyUnknown(seeds, seed);
      if (reason !== undefined) return skipped(`${reason}: what the answers should be is not known`);
      // Outside of any transaction: it may take long, and a snapshot holds up the replay.
      const generator = await Generator.of(seed.plan);
      const cases = await casesOf(seed.plan, generator, context.signal);
      const answers = await expectedAnswers(seed.plan, cases, generator, context.signal);
      return context.transaction("ro", "reporting", "snapshot", async (client) => {
        const faults = await answerFaults(client, cases, answers);
        const plans = await judgePlans(client, cases);
        return {
          faults: [...faults, ...plans.faults],
          detail: `${cases.length} answers are as computed from the seed; ${plans.detail}`,
        };
      });
    },
  };
}

function skipped(detail: string): CheckOutcome {
  return { faults: [], detail };
}

/** A seed's rows alone say what is in the tables only when it is the only one, begun on empty tables. */
function whyUnknown(seeds: readonly RecordedSeed[], { plan, isFinished }: RecordedSeed): string | undefined {
  if (seeds.length > 1) return `rows of ${seeds.length} seeds`;
  if (plan.mode === "append") return "rows appended to others";
  return isFinished ? undefined : "the seed is not finished";
}

async function answerFaults(
  client: Client,
  cases: readonly QueryCase[],
  answers: readonly AnswerRows[],
): Promise<string[]> {
  const faults: string[] = [];
  for (const [at, each] of cases.entries()) {
    const { columns, rows } = await runQuery(client, each.query, each.values);
    const { columns: wanted } = each.query;
    const difference =
      columns.join() === wanted.join()
        ? firstDifference(columns, answers[at] ?? [], rows)
        : `has the columns ${columns.join(", ")}`;
    if (difference !== undefined) faults.push(`${describeCase(each)}: ${difference}`);
  }
  return faults;
}

/** The plan of every run, and for each query once that a bad one would have been seen. */
async function judgePlans(client: Client, cases: readonly QueryCase[]): Promise<CheckOutcome> {
  if (!(await isAtScale(client))) {
    return { faults: [], detail: `plans are judged from ${ordersAtScale} orders on` };
  }
  const roots = await readRoots(client, schemaName);
  const faults: string[] = [];
  for (const each of cases) {
    const reads = await readsOf(client, each.query, each.values, roots);
    faults.push(...judgeReads(each.query, reads).map((fault) => `${describeCase(each)}: ${fault}`));
  }
  for (const [query, [first]] of Map.groupBy(cases, (each) => each.query)) {
    const missed = first ? await controlReads(client, query, first.values, roots) : [];
    faults.push(...missed.map((fault) => `${query.name}: ${fault}`));
  }
  return { faults, detail: "every plan uses its indexes; with indexes off, each shows a sequential scan" };
}
