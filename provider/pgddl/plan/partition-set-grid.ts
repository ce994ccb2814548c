import { dateOf, dayOf, firstDayOf, suffixOf, unitHolding } from "../../../lib/calendar.ts";

import type { BoundSpec, SetInterval } from "../spec.ts";

/** The whole axis of a partition key, cut into intervals with consecutive numbers. Values are texts. */
export interface Grid {
  /** The interval that holds a value; undefined when the text is no value. */
  indexOf(value: string): bigint | undefined;
  /** Where an interval begins, which is where the one before it ends. */
  beginOf(index: bigint): string;
  /** What tells it apart in names. */
  suffixOf(index: bigint): string;
}

/** @param origin of a numeric interval: where one begins */
export function gridOf(interval: SetInterval, origin: string): Grid {
  if (typeof interval === "number") return numberGrid(BigInt(interval), numberOf(origin) ?? 0n);
  return {
    indexOf: (value) => {
      const day = dayOf(value);
      return day === undefined ? undefined : BigInt(unitHolding(interval, day));
    },
    beginOf: (index) => dateOf(firstDayOf(interval, Number(index))),
    suffixOf: (index) => suffixOf(interval, Number(index)),
  };
}

function numberGrid(step: bigint, origin: bigint): Grid {
  const beginOf = (index: bigint): bigint => origin + index * step;
  return {
    indexOf: (value) => {
      const number = numberOf(value);
      if (number === undefined) return undefined;
      const distance = number - origin;
      const index = distance / step;
      // Division of integers cuts towards zero, also below it.
      return distance % step < 0n ? index - 1n : index;
    },
    beginOf: (index) => String(beginOf(index)),
    suffixOf: (index) => String(beginOf(index)).replace("-", "minus_"),
  };
}

function numberOf(text: string): bigint | undefined {
  return /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}

/** The interval that a bound of the catalogue takes exactly; undefined when there is none such. */
export function intervalOf(grid: Grid, bound: BoundSpec): bigint | undefined {
  if (!("from" in bound) || bound.from.length !== 1 || bound.to.length !== 1) return undefined;
  const [from, to] = [plain(bound.from[0]), plain(bound.to[0])];
  const index = from === undefined ? undefined : grid.indexOf(from);
  if (index === undefined || grid.beginOf(index) !== from || grid.beginOf(index + 1n) !== to)
    return undefined;
  return index;
}

/** A value of the catalogue as `YYYY-MM-DD` or a number; undefined for a time of day that is not midnight. */
export function plain(text: string | undefined): string | undefined {
  return (
    /^(\d{4}-\d{2}-\d{2})(?: 00:00:00(?:\+00)?)?$/.exec(text ?? "")?.[1] ?? /^-?\d+$/.exec(text ?? "")?.[0]
  );
}

/** The bound of an interval, in the catalogue's words. @param keyType as format_type prints it */
export function boundOf(grid: Grid, index: bigint, keyType: string): Extract<BoundSpec, { from: unknown }> {
  const time = midnight.get(keyType.replace(/\(\d\)/, "")) ?? "";
  return { from: [grid.beginOf(index) + time], to: [grid.beginOf(index + 1n) + time] };
}

const midnight: ReadonlyMap<string, string> = new Map([
  ["timestamp without time zone", " 00:00:00"],
  ["timestamp with time zone", " 00:00:00+00"],
]);

/** Whether a key of that type can be cut so. */
export function isCuttable(interval: SetInterval, keyType: string): boolean {
  const type = keyType.replace(/\(\d\)/, "");
  if (typeof interval === "number") return ["smallint", "integer", "bigint"].includes(type);
  return type === "date" || midnight.has(type);
}
