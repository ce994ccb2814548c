import type { BoundSpec } from "../spec.ts";
import { compareValues, isSameValue, type KeyColumn, type Order } from "./bound-values.ts";

/** From the first row, inclusive, to the second one, exclusive. */
export type RangeBound = Extract<BoundSpec, { readonly from: readonly string[] }>;
type HashBound = Extract<BoundSpec, { readonly modulus: number }>;

/** Row by row as PostgreSQL does: the first column that differs decides; nothing behind MINVALUE or MAXVALUE counts. */
export function compareRows(key: readonly KeyColumn[], a: readonly string[], b: readonly string[]): Order {
  for (const [at, left] of a.entries()) {
    const right = b[at];
    if (right === undefined) return undefined;
    const order = compareValues(key[at]?.type ?? "", left, right);
    if (order !== 0) return order;
    if (left === "MINVALUE" || left === "MAXVALUE") return 0;
  }
  return 0;
}

/** Whether no row can lie in the range. */
function isEmptyRange(key: readonly KeyColumn[], { from, to }: RangeBound): boolean | undefined {
  const order = compareRows(key, from, to);
  return order === undefined ? undefined : order >= 0;
}

/**
 * Whether both cannot be partitions of one table; symmetric. A default partition takes what the others leave, so
 * that it overlaps only with another one. Undefined when the texts alone do not tell.
 */
export function isOverlap(key: readonly KeyColumn[], a: BoundSpec, b: BoundSpec): boolean | undefined {
  if ("isDefault" in a || "isDefault" in b) return "isDefault" in a && "isDefault" in b;
  if ("modulus" in a && "modulus" in b) return isHashOverlap(a, b);
  if ("in" in a && "in" in b) {
    const type = key[0]?.type ?? "";
    return some(a.in.flatMap((left) => b.in.map((right) => isSameValue(type, left, right))));
  }
  if (!("from" in a) || !("from" in b)) return undefined;
  // Each begins before the other one ends.
  return every([isBefore(compareRows(key, a.from, b.to)), isBefore(compareRows(key, b.from, a.to))]);
}

/** Whether every row of `inner` lies in `outer`. Undefined when the texts alone do not tell. */
export function contains(key: readonly KeyColumn[], outer: BoundSpec, inner: BoundSpec): boolean | undefined {
  if ("isDefault" in outer || "isDefault" in inner) return "isDefault" in outer && "isDefault" in inner;
  if ("modulus" in outer && "modulus" in inner) {
    return inner.modulus % outer.modulus === 0 && inner.remainder % outer.modulus === outer.remainder;
  }
  if ("in" in outer && "in" in inner) {
    const type = key[0]?.type ?? "";
    return every(inner.in.map((value) => some(outer.in.map((each) => isSameValue(type, each, value)))));
  }
  if (!("from" in outer) || !("from" in inner)) return undefined;
  const [low, high] = [compareRows(key, outer.from, inner.from), compareRows(key, inner.to, outer.to)];
  return every([low === undefined ? undefined : low <= 0, high === undefined ? undefined : high <= 0]);
}

/** Whether two bounds take the same rows. Undefined when the texts alone do not tell. */
export function isSameBound(key: readonly KeyColumn[], a: BoundSpec, b: BoundSpec): boolean | undefined {
  return every([contains(key, a, b), contains(key, b, a)]);
}

/** Ranges in their order; undefined when the texts of any two do not tell. */
export function sortRanges<T extends RangeBound>(
  key: readonly KeyColumn[],
  ranges: readonly T[],
): readonly T[] | undefined {
  const unknown: T[] = [];
  const sorted = [...ranges].sort((a, b) => {
    const order = compareRows(key, a.from, b.from);
    if (order === undefined) unknown.push(a, b);
    return order ?? 0;
  });
  return unknown.length === 0 ? sorted : undefined;
}

/** The same rows in as few ranges as it takes, in order; undefined when the texts do not tell. */
export function cover(
  key: readonly KeyColumn[],
  ranges: readonly RangeBound[],
): readonly RangeBound[] | undefined {
  const sorted = sortRanges(key, ranges);
  if (!sorted) return undefined;
  const joined: RangeBound[] = [];
  for (const range of sorted) {
    if (isEmptyRange(key, range) === true) continue;
    const last = joined.at(-1);
    const gap = last && compareRows(key, last.to, range.from);
    if (last && gap === undefined) return undefined;
    if (!last || gap === undefined || gap < 0) {
      joined.push({ from: range.from, to: range.to });
      continue;
    }
    const longer = compareRows(key, last.to, range.to);
    if (longer === undefined) return undefined;
    if (longer < 0) joined[joined.length - 1] = { from: last.from, to: range.to };
  }
  return joined;
}

/** What of `window` no range takes, in order; undefined when the texts do not tell. */
export function gaps(
  key: readonly KeyColumn[],
  ranges: readonly RangeBound[],
  window: RangeBound,
): readonly RangeBound[] | undefined {
  const covered = cover(key, ranges);
  if (!covered) return undefined;
  const open: RangeBound[] = [];
  let from = window.from;
  for (const range of covered) {
    const [isAhead, isPast] = [compareRows(key, from, range.from), compareRows(key, range.from, window.to)];
    const isBehind = compareRows(key, range.to, from);
    if (isAhead === undefined || isPast === undefined || isBehind === undefined) return undefined;
    if (isPast >= 0) break;
    if (isBehind <= 0) continue;
    if (isAhead < 0) open.push({ from, to: range.from });
    from = range.to;
  }
  const rest = compareRows(key, from, window.to);
  if (rest === undefined) return undefined;
  return rest < 0 ? [...open, { from, to: window.to }] : open;
}

/** Two classes of remainders share a number exactly when they agree modulo what both moduli have in common. */
function isHashOverlap(a: HashBound, b: HashBound): boolean {
  let [common, rest] = [a.modulus, b.modulus];
  while (rest !== 0) [common, rest] = [rest, common % rest];
  return a.remainder % common === b.remainder % common;
}

function isBefore(order: Order): boolean | undefined {
  return order === undefined ? undefined : order < 0;
}

/** Three-valued OR. */
function some(list: readonly (boolean | undefined)[]): boolean | undefined {
  if (list.includes(true)) return true;
  return list.includes(undefined) ? undefined : false;
}

/** Three-valued AND. */
function every(list: readonly (boolean | undefined)[]): boolean | undefined {
  if (list.includes(false)) return false;
  return list.includes(undefined) ? undefined : true;
}
