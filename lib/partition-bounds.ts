import { dateOf, dayOf, firstDayOf, suffixOf, unitHolding, type CalendarUnit } from "./calendar.ts";

/** How much time one partition holds. */
export type PartitionInterval = Extract<CalendarUnit, "month" | "quarter" | "year">;

export const partitionIntervals: readonly PartitionInterval[] = ["month", "quarter", "year"];

/** One partition of a table that is split by time: `from` inclusive, `to` exclusive, as `YYYY-MM-DD`. */
export interface TimePartition {
  /** `2024`, `2024_q3` or `2024_07`: what follows the table's name. */
  readonly suffix: string;
  readonly from: string;
  readonly to: string;
}

/** The most partitions a table is given at once: each is a resource, and each costs every plan a little. */
export const maxPartitions = 400;

/**
 * What is wrong with a range as dates, before it is cut: undefined when `partitionsBetween` will succeed.
 * Both ends must be where an interval begins, or the cut would leave a gap at one end.
 */
export function rangeFault(interval: PartitionInterval, from: string, to: string): string | undefined {
  for (const text of [from, to]) {
    const day = dayOf(text);
    if (day === undefined) return `"${text}" is no date; write YYYY-MM-DD`;
    const first = firstDayOf(interval, unitHolding(interval, day));
    if (first !== day) {
      return `"${text}" is not where a ${interval} begins; take for instance "${dateOf(first)}"`;
    }
  }
  const count = numberOf(interval, to) - numberOf(interval, from);
  if (count <= 0) return `"${from}" is not before "${to}"; the range needs at least one ${interval}`;
  if (count > maxPartitions) {
    return `"${from}" to "${to}" is ${count} partitions; at most ${maxPartitions}: take a longer interval or a shorter range`;
  }
  return undefined;
}

/** Cuts [from, to) into partitions without gap or overlap, in order. @throws RangeError where `rangeFault` speaks */
export function partitionsBetween(
  interval: PartitionInterval,
  from: string,
  to: string,
): readonly TimePartition[] {
  const fault = rangeFault(interval, from, to);
  if (fault !== undefined) throw new RangeError(fault);
  const partitions: TimePartition[] = [];
  for (let number = numberOf(interval, from); number < numberOf(interval, to); number += 1) {
    partitions.push({
      suffix: suffixOf(interval, number),
      from: dateOf(firstDayOf(interval, number)),
      to: dateOf(firstDayOf(interval, number + 1)),
    });
  }
  return partitions;
}

function numberOf(interval: PartitionInterval, date: string): number {
  return unitHolding(interval, dayOf(date) ?? Number.NaN);
}
