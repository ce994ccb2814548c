import { commerceTables } from "../../lib/commerce-model.ts";
import type { Connection } from "../../lib/connection.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import { rangesOf, rangesOfTable, tableHash, type RowRange } from "./generate/row-range.ts";
import { beginSeed } from "./load/begin.ts";
import { completeTables, untilReplayed } from "./load/finish.ts";
import { SeedIndexes } from "./load/seed-indexes.ts";
import { takeSeedLock } from "./load/seed-lock.ts";
import { SteadySession } from "./load/steady-session.ts";
import { readBacklog, reasonToWait } from "./load/throttle.ts";
import { SeedWorkers } from "./load/workers.ts";
import { readWritten, type SeedRun, type WrittenRange } from "./manifest.ts";
import type { SeedProgress } from "./progress.ts";
import { parseSeedOptions, withDefaults, type SeedOptions } from "./seed-options.ts";
import { freshPlan, totalRows, type SeedPlan } from "./seed-plan.ts";
import type { SeedResult, TableSummary } from "./seed-result.ts";
import * as sql from "./seed-sql.ts";

/**
 * From so many rows on the indexes are made after them: below, it takes no less time. Never for an append: an
 * application may be reading the tables.
 */
const leastForIndexes = 400_000;

/** What a seed has beside the stack. */
export interface SeedSurroundings {
  readonly progress: SeedProgress;
  /** Bytes free on the disk of the data; undefined where it cannot be looked at. */
  readonly freeBytes?: () => number | undefined;
}

/**
 * Fills the nine tables as the role `seeder` on the unpooled endpoint, range by range, each in a transaction that
 * also notes it. A database with rows is left alone, unless it holds part of a seed that was cut off, which is
 * completed. It goes through a failover, and ends with every foreign key proven and every replica caught up.
 * @throws UserError `seed-options`, `seed-running`, `seed-unfinished`, `seed-orphans`, `no-tables`, `no-partition`,
 *   `disk-full`, `replica-behind`, `unreachable`
 */
export async function seed(
  stack: StackOutputs,
  options: SeedOptions,
  surroundings: SeedSurroundings,
): Promise<SeedResult> {
  const said = parseSeedOptions(options);
  const wish = { said, append: options.append ?? false, reset: options.reset ?? false };
  const began = performance.now();
  const { progress } = surroundings;
  const seeder = connectionTo(stack, "admin", "seeder");
  const session = new SteadySession(seeder, sql.sessionSettings, progress.waiting);
  const second = new SteadySession(seeder, sql.sessionSettings, progress.waiting);
  const watcher = new SteadySession(connectionTo(stack, "admin", "monitoring"), "", progress.waiting);
  await using indexes = new SeedIndexes(connectionTo(stack, "admin", "admin"), progress.waiting);
  try {
    const beginning = await session.use(async (client) => {
      await takeSeedLock(client);
      return beginSeed(client, wish);
    });
    if (beginning.kind === "left-alone") return beginning;
    const { run, isResumed } = beginning;
    const before = await session.use((client) => readWritten(client, run.runId));
    const ready = readiness(session, watcher, surroundings);
    const all = totalRows(run.plan);
    const isLarge = run.plan.mode === "fresh" && all >= leastForIndexes;
    if (isLarge) await indexes.setAside({ drops: missingRows(run.plan, before) >= all / 4, isResumed });
    const written = await writeMissing(run, { session, to: seeder, ready }, progress);
    if (isLarge) await indexes.putBack(ready, progress.finishing);
    progress.finishing("every foreign key is being proven, and the statistics are being made");
    await completeTables([session, second].map((each) => (work) => each.use(work)));
    progress.finishing("the replicas are catching up");
    await untilReplayed(stack, watcher, (instance, reason) => {
      progress.waiting(`${instance} does not answer (${reason}), and is left to catch up by itself`);
    });
    await session.use((client) => client.query(sql.finishRun, [run.runId]));
    const tables = summaries(run.plan, written, before);
    return { kind: "seeded", plan: run.plan, isResumed, tables, ms: Math.round(performance.now() - began) };
  } finally {
    progress.done();
    await Promise.all([session.close(), second.close(), watcher.close()]);
  }
}

/** What a seed would write, by its hashes; no database is asked. */
export async function dryRun(options: SeedOptions, progress: SeedProgress): Promise<SeedResult> {
  const began = performance.now();
  const plan = freshPlan(withDefaults(parseSeedOptions(options)));
  const ranges = rangesOf(plan);
  progress.start(ranges);
  const hashes: WrittenRange[] = [];
  await using workers = await SeedWorkers.start(plan, ranges);
  await workers.forEach(
    ranges,
    (range) => Promise.resolve({ kind: "hash", range }),
    (range) => ({
      rows: (count) => {
        progress.advance(range.table, count);
      },
      waiting: progress.waiting,
    }),
    (range, { hash }) => hashes.push({ ...range, hash }),
  );
  progress.done();
  const tables = summaries(plan, hashes, []);
  return { kind: "generated", plan, tables, ms: Math.round(performance.now() - began) };
}

/** What a seed waits for before it begins something: that it holds the lock, and holds nobody back. */
function readiness(
  session: SteadySession,
  watcher: SteadySession,
  { progress, freeBytes }: SeedSurroundings,
): () => Promise<void> {
  let isWaiting = false;
  return async () => {
    for (;;) {
      await session.use(takeSeedLock);
      const backlog = await watcher.use((client) => readBacklog(client, freeBytes?.()));
      const reason = reasonToWait(backlog, isWaiting);
      isWaiting = reason !== undefined;
      if (reason === undefined) return;
      progress.waiting(reason);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
}

function missingRows(plan: SeedPlan, written: readonly WrittenRange[]): number {
  return totalRows(plan) - written.reduce((sum, { count }) => sum + count, 0);
}

/** Writes what is not noted as written, until all of it is: an asynchronous cluster may lose some in a failover. */
async function writeMissing(
  { runId, plan }: SeedRun,
  { session, to, ready }: { session: SteadySession; to: Connection; ready: () => Promise<void> },
  progress: SeedProgress,
): Promise<readonly WrittenRange[]> {
  for (;;) {
    const written = await session.use((client) => readWritten(client, runId));
    const missing = rangesOf(plan).filter((range) => !written.some((note) => isOf(note, range)));
    if (missing.length === 0) return written;
    progress.start(missing);
    await using workers = await SeedWorkers.start(plan, missing);
    await workers.forEach(
      missing,
      async (range) => {
        await ready();
        return { kind: "write", runId, range, to };
      },
      (range) => ({
        rows: (count) => {
          progress.advance(range.table, count);
        },
        waiting: progress.waiting,
      }),
      () => undefined,
    );
  }
}

function summaries(
  plan: SeedPlan,
  written: readonly WrittenRange[],
  before: readonly WrittenRange[],
): TableSummary[] {
  return commerceTables.map(({ name }) => {
    const ranges = rangesOfTable(plan, name);
    const notes = ranges.map((range) => written.find((note) => isOf(note, range)));
    const isNew = (range: RowRange): boolean => !before.some((note) => isOf(note, range));
    return {
      table: name,
      rows: ranges.reduce((sum, { count }) => sum + count, 0),
      newRows: ranges.filter(isNew).reduce((sum, { count }) => sum + count, 0),
      hash: ranges.length === 0 ? "" : tableHash(notes.map((note) => note?.hash ?? "")),
    };
  });
}

function isOf({ table, number }: WrittenRange, range: RowRange): boolean {
  return table === range.table && number === range.number;
}
