/** One end of a partition's range: a value as the server prints it, or no limit (MINVALUE, MAXVALUE). */
export type RangeEnd = string | undefined;

/** What a partition of a table that is split by one column takes: [from, to), or the rest. */
export type RangeBound = { readonly from: RangeEnd; readonly to: RangeEnd } | "default";

/** Parses `pg_get_expr(relpartbound)` of a partition by RANGE over one column; undefined for any other. */
export function parseRangeBound(text: string): RangeBound | undefined {
  if (text === "DEFAULT") return "default";
  const match = /^FOR VALUES FROM \(([^()]+)\) TO \(([^()]+)\)$/.exec(text);
  const from = rangeEnd(match?.[1]);
  const to = rangeEnd(match?.[2]);
  return from && to ? { from: from.value, to: to.value } : undefined;
}

/** The parts of [from, to] that no bound takes. All are texts that sort as what they stand for. */
export function uncovered(
  bounds: readonly RangeBound[],
  from: string,
  to: string,
): { readonly from: string; readonly to: string }[] {
  if (bounds.includes("default")) return [];
  const ranges = bounds
    .filter((bound) => bound !== "default")
    .sort((a, b) => (a.from ?? "").localeCompare(b.from ?? "", "en"));
  const gaps: { from: string; to: string }[] = [];
  let next = from;
  for (const range of ranges) {
    const begin = range.from ?? "";
    if (begin > to) break;
    if (begin > next) gaps.push({ from: next, to: begin });
    if (range.to === undefined) return gaps;
    if (range.to > next) next = range.to;
  }
  // An upper bound is exclusive: one that ends exactly at `to` leaves that instant out.
  if (next <= to) gaps.push({ from: next, to });
  return gaps;
}

function rangeEnd(text: string | undefined): { value: RangeEnd } | undefined {
  if (text === "MINVALUE" || text === "MAXVALUE") return { value: undefined };
  const quoted = /^'([^']*)'$/.exec(text ?? "")?.[1];
  return quoted === undefined ? undefined : { value: quoted };
}
