import type { MemberCatalog, PartitionSetCatalog } from "../catalog.ts";
import type { PartitionSetSpec } from "../spec.ts";
import { sortRanges, type RangeBound } from "./bound-algebra.ts";
import { parseMark } from "./partition-set-mark.ts";
import { boundOf, gridOf, intervalOf } from "./partition-set-grid.ts";
import { windowOf } from "./partition-set-window.ts";

/**
 * Which partitions are the set's own: those with its mark, those that the state knows, and with `childPolicy:
 * adopt` those whose bounds are the set's intervals. A member that somebody has dropped is kept as missing while
 * the program wants its interval, so that its being made anew can be told.
 * @param specs the last wanted one and the wanted one
 * @param before what the state knows; undefined when there is none yet
 */
export function ownMembers(
  live: PartitionSetCatalog,
  specs: readonly PartitionSetSpec[],
  before: PartitionSetCatalog | undefined,
): PartitionSetCatalog {
  const known = new Map(before?.members.map((each) => [each.oid, each]));
  const isOwn = (each: MemberCatalog): boolean =>
    isMarked(live, each) || known.has(each.oid) || specs.some((spec) => isAdopted(spec, each));
  const all = [...live.members, ...live.others];
  const own = all.filter(isOwn);
  const missing = (before?.members ?? []).filter(
    (each) =>
      each.isDetached !== true &&
      !all.some(({ oid, bound }) => oid === each.oid || isSameText(bound, each.bound)) &&
      specs.some((spec) => isWanted(spec, each)),
  );
  return {
    ...live,
    members: sorted(live, [...own, ...missing.map((each) => ({ ...each, isMissing: true }))]),
    others: sorted(
      live,
      all.filter((each) => !isOwn(each)),
    ),
  };
}

/** Whether a set of this table, in whatever state, has made it or taken it over. */
export function isMarked(live: PartitionSetCatalog, each: MemberCatalog): boolean {
  return parseMark({ schema: live.schema, name: live.parent }, each.comment) !== undefined;
}

/** Adopted are attached partitions of whole intervals, also those that are before the window now. */
export function isAdopted(spec: PartitionSetSpec, each: MemberCatalog): boolean {
  if (spec.childPolicy !== "adopt" || each.isDetached === true) return false;
  return intervalOf(gridOf(spec.interval, spec.range.from), each.bound) !== undefined;
}

function isWanted(spec: PartitionSetSpec, each: MemberCatalog): boolean {
  const { grid, first, end } = windowOf(spec);
  const index = intervalOf(grid, each.bound);
  return index !== undefined && first <= index && index < end;
}

/** In the order of their bounds; the default partition and what cannot be compared by name. */
function sorted(live: PartitionSetCatalog, list: readonly MemberCatalog[]): MemberCatalog[] {
  const byName = [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
  const ranges = byName.flatMap((each) =>
    "from" in each.bound ? [{ from: each.bound.from, to: each.bound.to, each }] : [],
  );
  const rest = byName.filter(({ bound }) => !("from" in bound));
  const ordered = sortRanges(keyOf(live), ranges) ?? ranges;
  return [...ordered.map(({ each }) => each), ...rest];
}

/** The partition key, for comparisons of bounds. */
export function keyOf(
  live: PartitionSetCatalog,
): readonly [{ readonly name: string; readonly type: string }] {
  return [{ name: live.keyColumn, type: live.keyType }];
}

export function rangeOf(each: MemberCatalog): RangeBound | undefined {
  return "from" in each.bound ? each.bound : undefined;
}

/** The server prints a bound in one way only. */
function isSameText(a: MemberCatalog["bound"], b: MemberCatalog["bound"]): boolean {
  return "from" in a && "from" in b && a.from.join() === b.from.join() && a.to.join() === b.to.join();
}

/** The bound of an interval in this set's words. */
export function boundAt(
  live: Pick<PartitionSetCatalog, "keyType">,
  spec: PartitionSetSpec,
  index: bigint,
): RangeBound {
  return boundOf(gridOf(spec.interval, spec.range.from), index, live.keyType);
}
