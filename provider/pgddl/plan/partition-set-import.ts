import { UserError } from "../../../lib/errors.ts";
import type { CalendarUnit } from "../../../lib/calendar.ts";
import type { MemberCatalog, PartitionSetCatalog } from "../catalog.ts";
import type { PartitionSetSpec, SetInterval } from "../spec.ts";
import { gridOf, intervalOf, isCuttable, plain, type Grid } from "./partition-set-grid.ts";
import { isMarked } from "./partition-set-members.ts";
import { nameOf } from "./partition-set-window.ts";

/** Longest first, for every year begins where a month does. */
const units: readonly CalendarUnit[] = ["year", "quarter", "month", "week", "day"];

/**
 * The inputs of a set that is imported. Its interval is that of the last partition, its range begins with the
 * partitions that lead up to it without a gap, and `asOf` is where the last one begins, with nothing beyond it: so
 * the same partitions always give the same inputs, and nothing is to be done.
 * @throws UserError when the bounds are no intervals
 */
export function adoptSet(live: PartitionSetCatalog): PartitionSetSpec {
  const inferred = infer(live);
  if (!inferred) {
    throw new UserError(
      "import",
      `${live.schema}.${live.parent} has no partition whose bounds are a day, week, month, quarter, year or a range of numbers`,
      "Declare the set without an import: it makes what is missing and leaves other partitions alone.",
    );
  }
  const { interval, from, asOf, prefix } = inferred;
  return {
    schema: live.schema,
    parent: live.parent,
    interval,
    range: { from },
    asOf,
    premake: 0,
    ...(prefix !== live.parent && { prefix }),
  };
}

/** The set as an import takes it: its own are also those whose names are made as it would make them. */
export function claimNamed(live: PartitionSetCatalog): PartitionSetCatalog {
  const inferred = infer(live);
  const isOwn = (each: MemberCatalog): boolean =>
    isMarked(live, each) || (inferred !== undefined && isNamed(live, each, inferred));
  const all = [...live.members, ...live.others];
  return { ...live, members: all.filter(isOwn), others: all.filter((each) => !isOwn(each)) };
}

interface Inferred {
  readonly interval: SetInterval;
  readonly from: string;
  readonly asOf: string;
  readonly prefix: string;
}

function isNamed(
  live: PartitionSetCatalog,
  each: MemberCatalog,
  { interval, from, prefix }: Inferred,
): boolean {
  if (each.isDetached === true) return false;
  const grid = gridOf(interval, from);
  const index = intervalOf(grid, each.bound);
  return index !== undefined && each.name === nameOf({ parent: live.parent, prefix }, grid, index);
}

function infer(live: PartitionSetCatalog): Inferred | undefined {
  const attached = [...live.members, ...live.others].filter((each) => each.isDetached !== true);
  const numbers = isCuttable(1, live.keyType);
  if (!numbers && !isCuttable("day", live.keyType)) return undefined;
  for (const interval of numbers ? widths(attached) : units) {
    const grid = gridOf(interval, originOf(attached, interval));
    const taken = new Map(attached.flatMap((each) => pair(intervalOf(grid, each.bound), each)));
    const last = [...taken.keys()].reduce<bigint | undefined>(
      (most, index) => (most === undefined || index > most ? index : most),
      undefined,
    );
    const latest = last === undefined ? undefined : taken.get(last);
    if (last === undefined || !latest || isFollowed(grid, last, attached)) continue;
    let first = last;
    while (taken.has(first - 1n)) first -= 1n;
    const suffix = `_${grid.suffixOf(last)}`;
    const prefix = latest.name.endsWith(suffix) ? latest.name.slice(0, -suffix.length) : live.parent;
    return {
      ...{ interval, from: grid.beginOf(first), asOf: grid.beginOf(last) },
      prefix: prefix === "" ? live.parent : prefix,
    };
  }
  return undefined;
}

function pair(index: bigint | undefined, each: MemberCatalog): readonly (readonly [bigint, MemberCatalog])[] {
  return index === undefined ? [] : [[index, each]];
}

/** Whether a partition begins later: its interval is then the one to look at. */
function isFollowed(grid: Grid, last: bigint, attached: readonly MemberCatalog[]): boolean {
  return attached.some(({ bound }) => {
    const from = "from" in bound ? plain(bound.from[0]) : undefined;
    const index = from === undefined ? undefined : grid.indexOf(from);
    return index !== undefined && index > last;
  });
}

/** How wide partitions by numbers are, the last one first. */
function widths(attached: readonly MemberCatalog[]): readonly number[] {
  const last = lastByNumber(attached);
  const width = last && last.to - last.from;
  return width !== undefined && width > 0n && width <= BigInt(Number.MAX_SAFE_INTEGER) ? [Number(width)] : [];
}

/** The intervals of numbers are counted from the last partition. */
function originOf(attached: readonly MemberCatalog[], interval: SetInterval): string {
  return typeof interval === "number" ? String(lastByNumber(attached)?.from ?? 0n) : "";
}

function lastByNumber(attached: readonly MemberCatalog[]): { from: bigint; to: bigint } | undefined {
  const ranges = attached.flatMap(({ bound }) => {
    const texts = "from" in bound ? [plain(bound.from[0]), plain(bound.to[0])] : [];
    const [from, to] = texts.map((text) => (text === undefined ? undefined : BigInt(text)));
    return from !== undefined && to !== undefined ? [{ from, to }] : [];
  });
  return ranges.reduce<{ from: bigint; to: bigint } | undefined>(
    (most, each) => (most && most.from > each.from ? most : each),
    undefined,
  );
}
