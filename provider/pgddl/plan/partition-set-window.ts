import type { Fault } from "../../../lib/errors.ts";
import { identifierFault } from "../../../lib/identifier.ts";
import type { PartitionSetSpec } from "../spec.ts";
import { gridOf, type Grid } from "./partition-set-grid.ts";

/** The properties that say which partitions there are to be. */
export type WindowSpec = Pick<
  PartitionSetSpec,
  "parent" | "prefix" | "interval" | "range" | "asOf" | "premake" | "retention"
>;

/** The intervals that are to have a partition each: from `first` to the one before `end`, at least one. */
export interface Window {
  readonly grid: Grid;
  readonly first: bigint;
  readonly end: bigint;
  /** What ends before this interval begins is past its retention; undefined: nothing ever is. */
  readonly limit: bigint | undefined;
}

/** Each costs every plan a little, and PostgreSQL plans queries over more of them slowly. */
export const mostPartitions = 1_000;

export const defaultPremake = 4;

/** @throws RangeError where `windowFaults` speaks */
export function windowOf(spec: WindowSpec): Window {
  const measured = measure(spec);
  if (Array.isArray(measured)) throw new RangeError(measured.map(({ reason }) => reason).join("; "));
  return measured;
}

/** What is wrong with the window, by property: empty when `windowOf` will succeed. */
export function windowFaults(spec: WindowSpec): readonly Fault[] {
  const measured = measure(spec);
  if (Array.isArray(measured)) return measured;
  const longest = [measured.first, measured.end - 1n]
    .map((index) => nameOf(spec, measured.grid, index))
    .sort((a, b) => b.length - a.length)[0];
  const reason = identifierFault(longest ?? "");
  if (reason === undefined) return [];
  return [
    { property: spec.prefix === undefined ? "parent" : "prefix", reason: `makes a name that ${reason}` },
  ];
}

/** The name of the partition of an interval. */
export function nameOf(spec: Pick<WindowSpec, "parent" | "prefix">, grid: Grid, index: bigint): string {
  return `${spec.prefix ?? spec.parent}_${grid.suffixOf(index)}`;
}

function measure(spec: WindowSpec): Window | Fault[] {
  const { interval, range, asOf, premake = defaultPremake, retention } = spec;
  const grid = gridOf(interval, range.from);
  const [from, to, now] = [range.from, range.to ?? range.from, asOf].map((text) => grid.indexOf(text));
  const form =
    typeof interval === "number" ? "is no whole number; write digits" : "is no date; write YYYY-MM-DD";
  const misread = [
    ...(from === undefined ? [{ property: "range.from", reason: `"${range.from}" ${form}` }] : []),
    ...(to === undefined && range.to !== undefined && range.to !== range.from
      ? [{ property: "range.to", reason: `"${range.to}" ${form}` }]
      : []),
    ...(now === undefined ? [{ property: "asOf", reason: `"${asOf}" ${form}` }] : []),
  ];
  if (from === undefined || to === undefined || now === undefined) return misread;
  const begin = grid.beginOf(from);
  if (begin !== range.from) {
    const nearest = `"${begin}" or "${grid.beginOf(from + 1n)}"`;
    const reason = `"${range.from}" is not where a ${String(interval)} begins; take for instance ${nearest}`;
    return [{ property: "range.from", reason }];
  }
  // An end within an interval takes all of it.
  const last = range.to === undefined || grid.beginOf(to) === range.to ? to : to + 1n;
  if (range.to !== undefined && last <= from) {
    const reason = `"${range.to}" is not after range.from "${range.from}"; the range needs at least one interval`;
    return [{ property: "range.to", reason }];
  }
  const limit = retention === undefined ? undefined : now - BigInt(retention);
  const ahead = now + BigInt(premake) + 1n;
  const first = limit === undefined || limit < from ? from : limit;
  const end = ahead > last ? ahead : last;
  return windowOr(spec, { grid, first, end, limit });
}

function windowOr(spec: WindowSpec, window: Window): Window | Fault[] {
  const { grid, first, end } = window;
  const { asOf, premake = defaultPremake, range } = spec;
  if (end <= first) {
    const reason = `"${asOf}" with premake ${premake} ends at "${grid.beginOf(end)}", before range.from "${range.from}": there would be no partition; give a later one, or range.to`;
    return [{ property: "asOf", reason }];
  }
  const count = end - first;
  if (count > BigInt(mostPartitions)) {
    const reason = `makes ${count} partitions with asOf "${asOf}" and premake ${premake}; at most ${mostPartitions}: take a longer interval, a later range.from, or a retention`;
    return [{ property: "range", reason }];
  }
  const until = grid.beginOf(end);
  if (typeof spec.interval !== "number" && until.length > "9999-12-31".length) {
    return [{ property: "range", reason: `ends at "${until}"; no set goes beyond the year 9999` }];
  }
  return window;
}
