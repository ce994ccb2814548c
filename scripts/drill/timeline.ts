import type { ContainerEvent } from "./container-events.ts";
import { longestGap, type Gap } from "./gaps.ts";
import type { RoleChange } from "./load/instance-watch.ts";
import type { SentinelEvent } from "./sentinel-log.ts";

/** One line of a timeline. */
export interface Moment {
  /** Since the fault. */
  readonly seconds: number;
  readonly what: string;
}

/** What a round has observed, as plain data. Times are milliseconds of the epoch. */
export interface Observed {
  readonly faultAt: number;
  /** When the watch ended. */
  readonly endAt: number;
  /** How the fault is told: `fault: kill of pg-1`. */
  readonly fault: string;
  readonly hit: readonly string[];
  readonly primary: string;
  readonly sentinel: readonly SentinelEvent[];
  readonly containers: readonly ContainerEvent[];
  readonly roles: readonly RoleChange[];
  /** When rows were acknowledged, by a timeline newer than at the fault or not; sorted. */
  readonly writes: readonly number[];
  /** The first commit on a newer timeline by an instance's own port, past the proxies. */
  readonly firstCommit?: { readonly instance: string; readonly at: number } | undefined;
  /** Sorted. */
  readonly reads: readonly number[];
  /** What the drill itself has done, and when. */
  readonly done: readonly { readonly at: number; readonly what: string }[];
  readonly wholeAt: number | undefined;
  /** What was missing last, until it was whole. */
  readonly missing?: string | undefined;
}

export interface Timeline {
  readonly moments: readonly Moment[];
  readonly writeGap: Gap | undefined;
  readonly readGap: Gap | undefined;
}

/** The story of a round, in its order. */
export function buildTimeline(observed: Observed): Timeline {
  const { faultAt, endAt, hit, primary, roles, wholeAt } = observed;
  const moments: { at: number; what: string }[] = [{ at: faultAt, what: observed.fault }];
  const add = (at: number | undefined, what: string): void => {
    if (at !== undefined) moments.push({ at, what });
  };
  const writeGap = longestGap(observed.writes, faultAt, endAt);
  const readGap = longestGap(observed.reads, faultAt, endAt);
  for (const part of hit) {
    const told = observed.sentinel.filter((event) => event.part === part && event.at >= faultAt);
    const detected = told.find(({ event }) => ["died", "silent", "fencing"].includes(event));
    add(detected?.at, `detected: ${part} ${detected?.event ?? ""}`);
    add(told.find(({ event }) => event === "fenced")?.at, `fenced: ${part} is stopped for certain`);
    add(told.find(({ event }) => event === "freed")?.at, `freed: the lock of ${part}`);
    const started = observed.containers.find(
      (event) => event.part === part && event.action === "start" && event.at > faultAt,
    );
    add(started?.at, `started: ${part}`);
  }
  for (const event of observed.sentinel) {
    const isSpoken = ["stands-back", "gave-up"].includes(event.event) && event.at >= faultAt;
    if (isSpoken) add(event.at, `sentinel ${event.event}: ${event.part} ${event.why ?? ""}`.trimEnd());
  }
  for (const change of roles) {
    if (change.at < faultAt || change.role !== "primary") continue;
    // The old one may say so for a moment when it is back; whether it takes rows is counted apart.
    const isOld = change.instance === primary;
    add(change.at, isOld ? `${primary} says that it is primary` : `promoted: ${change.instance}`);
  }
  const { firstCommit } = observed;
  add(firstCommit?.at, `first commit past the proxies: ${firstCommit?.instance ?? ""}`);
  if (isFelt(writeGap)) add(writeGap?.to, "first write");
  if (isFelt(readGap)) add(readGap?.to, "first read");
  for (const part of hit) {
    const wasAway = roles.find(
      ({ instance, at, role }) => instance === part && at >= faultAt && role !== "replica",
    );
    const isBack = roles.findLast(({ instance }) => instance === part);
    if (isBack?.role === "replica" && isBack.at >= faultAt && wasAway) add(isBack.at, `rejoined: ${part}`);
  }
  for (const { at, what } of observed.done) add(at, `the drill: ${what}`);
  add(wholeAt, observed.missing === undefined ? "whole" : `whole; missing last: ${observed.missing}`);
  moments.sort((a, b) => a.at - b.at);
  return {
    moments: moments.map(({ at, what }) => ({ seconds: (at - faultAt) / 1000, what })),
    writeGap,
    readGap,
  };
}

/** A pause between two answers that is no longer than usual is nothing to tell of. */
function isFelt(gap: Gap | undefined): boolean {
  return gap !== undefined && (gap.to === undefined || gap.to - gap.from > 250);
}
