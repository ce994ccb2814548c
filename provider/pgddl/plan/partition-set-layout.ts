import { dayOf } from "../../../lib/calendar.ts";
import type { MemberCatalog, PartitionSetCatalog } from "../catalog.ts";
import type { PartitionSetSpec } from "../spec.ts";
import { boundSql } from "./bound.ts";
import { compareRows, contains, gaps, isOverlap, type RangeBound } from "./bound-algebra.ts";
import type { Refusal } from "./difference.ts";
import { boundOf, intervalOf, isCuttable } from "./partition-set-grid.ts";
import { parseAnyMark } from "./partition-set-mark.ts";
import { isAdopted, isMarked, keyOf, ownMembers, rangeOf } from "./partition-set-members.ts";
import { nameOf, windowOf, type Window } from "./partition-set-window.ts";

/** An interval that no partition takes yet. */
export interface Missing {
  readonly name: string;
  readonly bound: RangeBound;
  /** What the set has detached of the very interval, or cut off while it did. */
  readonly kept: MemberCatalog | undefined;
  /** What was there at the last update and was dropped by somebody else since. */
  readonly lost: MemberCatalog | undefined;
}

/** A partition that was detached, and how long ago by `asOf`. */
export interface Kept {
  readonly member: MemberCatalog;
  /** The `asOf` of the update that detached it; undefined when it was cut off before it said so. */
  readonly since: string | undefined;
  readonly isPastGrace: boolean;
}

/** What is between the partitions there are and those that are wanted; all sets are in the order of their bounds. */
export interface Layout {
  readonly missing: readonly Missing[];
  /** Attached, and past the retention. */
  readonly leaving: readonly MemberCatalog[];
  /** A concurrent detach was cut off. */
  readonly pending: readonly MemberCatalog[];
  readonly kept: readonly Kept[];
  /** Own partitions whose mark has a former name of the parent. */
  readonly renamed: readonly MemberCatalog[];
  readonly refusals: readonly Refusal[];
}

/**
 * Lays the wanted intervals over the partitions there are. Pure in both: no order, no clock, no memory of what was
 * done before.
 */
export function layoutOf(given: PartitionSetCatalog, wanted: PartitionSetSpec): Layout {
  const live = given.others.some((each) => isAdopted(wanted, each))
    ? ownMembers(given, [wanted], given)
    : given;
  const nothing = { missing: [], leaving: [], pending: [], kept: [], renamed: [] };
  if (!isCuttable(wanted.interval, live.keyType)) {
    return { ...nothing, refusals: [uncuttable(live, wanted)] };
  }
  const window = windowOf(wanted);
  const own = live.members.filter((each) => each.isMissing !== true);
  const pending = own.filter((each) => each.isDetachPending === true);
  const detached = own.filter((each) => each.isDetached === true);
  const attached = own.filter((each) => !pending.includes(each) && !detached.includes(each));
  const { free, refusals } = freeIntervals(live, wanted, window, [...attached, ...live.others]);
  const outside = [...pending, ...detached];
  const lost = live.members.filter((each) => each.isMissing === true);
  const byIndex = (list: readonly MemberCatalog[]): ReadonlyMap<bigint | undefined, MemberCatalog> =>
    new Map(list.map((each) => [intervalOf(window.grid, each.bound), each]));
  const [keptAt, lostAt] = [byIndex(outside), byIndex(lost)];
  const missing = free.map((index): Missing => ({
    name: nameOf(wanted, window.grid, index),
    bound: boundOf(window.grid, index, live.keyType),
    kept: keptAt.get(index),
    lost: lostAt.get(index),
  }));
  const returning = new Set(missing.map(({ kept }) => kept));
  return {
    missing,
    leaving: attached.filter((each) => isPast(live, window, each)),
    pending,
    kept: outside.filter((each) => !returning.has(each)).map((each) => keptOf(wanted, window, each)),
    renamed: [...attached, ...detached].filter(
      (each) => !returning.has(each) && parseAnyMark(each.comment) !== undefined && !isMarked(live, each),
    ),
    refusals,
  };
}

/** Wanted intervals that nothing takes. One that something takes a part of is refused: no partition fits in there. */
function freeIntervals(
  live: PartitionSetCatalog,
  wanted: PartitionSetSpec,
  { grid, first, end }: Window,
  attached: readonly MemberCatalog[],
): { readonly free: readonly bigint[]; readonly refusals: readonly Refusal[] } {
  const exact = new Set(attached.map((each) => intervalOf(grid, each.bound)));
  const open: bigint[] = [];
  for (let index = first; index < end; index += 1n) if (!exact.has(index)) open.push(index);
  if (open.length === 0) return { free: [], refusals: [] };
  const key = keyOf(live);
  const whole = {
    from: boundOf(grid, first, live.keyType).from,
    to: boundOf(grid, end - 1n, live.keyType).to,
  };
  const ranges = attached.flatMap((each) => rangeOf(each) ?? []);
  const holes = gaps(key, ranges, whole);
  if (!holes) throw new Error(`the bounds of ${live.schema}.${live.parent} cannot be compared`);
  const free: bigint[] = [];
  const refusals: Refusal[] = [];
  for (const index of open) {
    const bound = boundOf(grid, index, live.keyType);
    const touched = holes.filter((hole) => isOverlap(key, hole, bound) === true);
    if (touched.some((hole) => contains(key, hole, bound) === true)) free.push(index);
    else if (touched.length > 0) {
      const inside = attached.filter((each) => isOverlap(key, each.bound, bound) === true);
      refusals.push(cutBy(nameOf(wanted, grid, index), bound, inside));
    }
  }
  return { free, refusals };
}

/** @param inside partitions that take a part of the interval, one at least */
function cutBy(name: string, bound: RangeBound, inside: readonly MemberCatalog[]): Refusal {
  const shown = inside.slice(0, 3).map((each) => `${each.schema}.${each.name} ${boundSql(each.bound)}`);
  const more = inside.length > shown.length ? [`${inside.length - shown.length} more`] : [];
  return {
    path: partitionPath(name),
    from: [...shown, ...more].join(", "),
    to: `${name} ${boundSql(bound)}`,
    why: "a part of the interval is taken, and no two partitions overlap",
    hint: "Give an interval or a range.from that goes with what is there, or detach that first and move its rows.",
  };
}

function isPast(live: PartitionSetCatalog, { grid, limit }: Window, each: MemberCatalog): boolean {
  const range = rangeOf(each);
  if (limit === undefined || !range) return false;
  const order = compareRows(keyOf(live), range.to, boundOf(grid, limit, live.keyType).from);
  return order !== undefined && order <= 0;
}

function keptOf(wanted: PartitionSetSpec, { grid }: Window, member: MemberCatalog): Kept {
  const since = member.isDetached === true ? parseAnyMark(member.comment)?.detachedOn : undefined;
  const distance = (unit: (text: string) => bigint | number | undefined): bigint | undefined => {
    const [from, to] = [since === undefined ? undefined : unit(since), unit(wanted.asOf)];
    return from === undefined || to === undefined ? undefined : BigInt(to) - BigInt(from);
  };
  const age = typeof wanted.interval === "number" ? distance((text) => grid.indexOf(text)) : distance(dayOf);
  return { member, since, isPastGrace: age !== undefined && age >= BigInt(wanted.detachGrace ?? 7) };
}

function uncuttable(live: PartitionSetCatalog, { interval }: PartitionSetSpec): Refusal {
  const isNumber = typeof interval === "number";
  return {
    path: "interval",
    from: `${live.keyColumn} ${live.keyType}`,
    to: String(interval),
    why: isNumber
      ? "a number cuts keys of type smallint, integer or bigint"
      : "a calendar unit cuts keys of type date, timestamp or timestamptz",
    hint: isNumber
      ? 'Give a calendar unit ("month"), or name another parent.'
      : "Give a number, or name another parent.",
  };
}

/** The path of a partition among the differences. */
export function partitionPath(name: string): string {
  return /^\w+$/.test(name) ? `partitions.${name}` : `partitions[${JSON.stringify(name)}]`;
}
