import { eventually } from "../../lib/poll.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import type { StackOutputs } from "../../lib/stack-outputs.ts";
import { checkRows } from "./check-rows.ts";
import { now, pause } from "./clock.ts";
import { ContainerEvents } from "./container-events.ts";
import type { Fault, Scene } from "./fault.ts";
import { gapSeconds, longestGap } from "./gaps.ts";
import { faultsOf, heal } from "./heal.ts";
import { Journal, type Acknowledged, type Attempt, type IdSource } from "./journal.ts";
import { Load } from "./load/load.ts";
import type { Parts } from "./parts.ts";
import { readBack } from "./read-back.ts";
import type { RoundReport } from "./report.ts";
import { parseSentinelLog, type SentinelEvent } from "./sentinel-log.ts";
import type { Targets } from "./targets.ts";
import { buildTimeline } from "./timeline.ts";
import { findSecondPrimaries } from "./two-primaries.ts";
import { waitUntilWhole } from "./whole.ts";

/** What all rounds of a drill share. */
export interface Stage {
  /** The stack's outputs; none for a cluster that is no stack. */
  readonly stack: StackOutputs | undefined;
  readonly targets: Targets;
  readonly parts: Parts;
  readonly ids: IdSource;
  /** Whatever was sent in all rounds. */
  readonly sent: Attempt[];
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
  /** For a cluster that is no stack: waits until every replica follows the primary. */
  readonly untilStreaming?: () => Promise<void>;
}

const wholeWithinMs = 180_000;
/** Whoever else brings a container back has so long: the sentinel waits longer for one that keeps dying. */
const helpWithinMs = { sentinel: 20_000, restartPolicy: 4000 } as const;

/** Makes one fault under load, watches, waits until the cluster is whole, and counts. */
export async function runRound(stage: Stage, fault: Fault): Promise<RoundReport> {
  const { targets, parts, ids, signal } = stage;
  const unfit = fault.unfit?.(parts);
  if (unfit !== undefined) throw new UserError("unfit", `${fault.name}: ${unfit}`, "Leave it out.");
  await waitUntilWhole(stage.stack, targets, parts, wholeWithinMs, { signal });
  const journal = new Journal(ids);
  const firstId = ids.last;
  await using events = await ContainerEvents.follow(parts);
  await using resources = new AsyncDisposableStack();
  const load = new Load(targets, journal);
  resources.use(load);
  await load.untilSteady(30_000, signal);
  const scene = sceneOf(stage, load, events, resources);
  const done: { at: number; what: string }[] = [];
  let helped: readonly string[] = [];
  const problems: string[] = [];
  const faultAt = now();
  let hit: readonly string[] = [];
  let wholeAt: number | undefined;
  let missing: string | undefined;
  try {
    hit = await fault.make(scene);
    await watch(fault, load, faultAt, signal);
    const ended = await fault.end?.(scene, hit);
    if (ended !== undefined) done.push({ at: now(), what: ended });
    await othersHelp(parts, scene.hasSentinel, signal);
  } catch (error) {
    if (!signal.aborted) problems.push(messageOf(error));
  } finally {
    helped = await heal(parts);
    done.push(...helped.map((what) => ({ at: now(), what })));
  }
  try {
    await waitUntilWhole(stage.stack, targets, parts, wholeWithinMs, {
      tell: (what) => {
        missing = what;
      },
    });
    // One that is not yet on the primary's timeline can be further on in its WAL and lack rows all the same.
    await stage.untilStreaming?.();
    wholeAt = now();
    await load.untilSteady(30_000);
  } catch (error) {
    problems.push(`not whole: ${messageOf(error)}`);
  }
  const endAt = now();
  await resources.disposeAsync();
  stage.sent.push(...journal.attempts);
  const rows =
    wholeAt === undefined ? undefined : checkRows(journal.attempts, await readBack(targets, firstId));
  const commits = journal.acknowledged();
  const timelineAtFault = Math.max(
    0,
    ...commits.filter((row) => row.endedAt < faultAt).map((row) => row.timeline),
  );
  const hasFailedOver = commits.some(({ timeline }) => timeline > timelineAtFault);
  if (!signal.aborted) problems.push(...(fault.judge?.({ scene, faultAt, hasFailedOver }) ?? []));
  const timeline = buildTimeline({
    faultAt,
    endAt,
    fault: `fault: ${fault.name} of ${hit.length > 3 ? `${hit.length} containers` : hit.join(", ")}`,
    hit,
    primary: scene.primary,
    sentinel: await sentinelEvents(parts, faultAt),
    containers: events.seen,
    roles: load.roleChanges,
    firstCommit: firstCommitAbove(commits, timelineAtFault),
    writes: journal.writeTimes(),
    reads: load.readTimes.toSorted((a, b) => a - b),
    done,
    wholeAt,
    missing,
  });
  const waits = journal
    .writers()
    .map((writer) => gapSeconds(longestGap(journal.writeTimes(writer), faultAt, endAt)));
  return {
    fault: fault.name,
    hit,
    timeline: timeline.moments,
    writeGapSeconds: gapSeconds(timeline.writeGap),
    worstClientSeconds: waits.includes(undefined) ? undefined : Math.max(...waits.map((wait) => wait ?? 0)),
    readGapSeconds: gapSeconds(timeline.readGap),
    rows,
    secondPrimaries: findSecondPrimaries(commits).map(({ why }) => why),
    helped,
    isWhole: wholeAt !== undefined,
    isCutShort: signal.aborted,
    problems,
  };
}

function sceneOf(
  { targets, parts, signal, tell }: Stage,
  load: Load,
  events: ContainerEvents,
  resources: AsyncDisposableStack,
): Scene {
  const names = targets.instances.map(({ name }) => name);
  const primary = names.find((name) => load.roleOf(name) === "primary");
  if (primary === undefined)
    throw new UserError("no-primary", "no instance is the primary", "See ./ecosphere status.");
  return {
    parts,
    load,
    journal: load.journal,
    events,
    database: targets.rw.database,
    primary,
    replicas: names.filter((name) => name !== primary),
    hasSentinel: parts.names("sentinel").length > 0,
    signal,
    tell,
    keep: (resource) => resources.use(resource),
  };
}

function firstCommitAbove(
  commits: readonly Acknowledged[],
  timeline: number,
): { readonly instance: string; readonly at: number } | undefined {
  for (const { instance, timeline: own, endedAt } of commits) {
    if (instance !== undefined && own > timeline) return { instance, at: endedAt };
  }
  return undefined;
}

/** Until writes and reads are answered again, or there is no hope that they will be without help. */
async function watch(fault: Fault, load: Load, faultAt: number, signal: AbortSignal): Promise<void> {
  const { holdSeconds = 3, writesWithinSeconds = 45 } = fault;
  await pause(faultAt + holdSeconds * 1000 - now(), signal);
  signal.throwIfAborted();
  if (writesWithinSeconds === 0) return;
  const withinMs = writesWithinSeconds * 1000;
  await eventually({ what: "writes and reads to go on", withinMs, signal }, async () =>
    load.isSteady() ? true : undefined,
  ).catch((error: unknown) => {
    // What is not back by now needs help, which comes next.
    if (!(error instanceof UserError && error.code === "timeout")) throw error;
  });
}

/** Leaves it to the sentinel, or to Docker's restart policy, to bring containers back. */
async function othersHelp(parts: Parts, hasSentinel: boolean, signal: AbortSignal): Promise<void> {
  const end = now() + (hasSentinel ? helpWithinMs.sentinel : helpWithinMs.restartPolicy);
  while (now() < end && !signal.aborted && (await faultsOf(parts)).length > 0) await pause(200, signal);
}

async function sentinelEvents(parts: Parts, since: number): Promise<SentinelEvent[]> {
  const logs = await Promise.all(parts.names("sentinel").map((part) => parts.logSince(part, since)));
  return logs.flatMap(parseSentinelLog).sort((a, b) => a.at - b.at);
}
