/** How much time one partition holds. */
export type PartitionInterval = "month" | "quarter" | "year";

export const partitionIntervals: readonly PartitionInterval[] = ["month", "quarter", "year"];

/** One partition of a table that is split by time: `from` inclusive, `to` exclusive, as `YYYY-MM-DD`. */
export interface TimePartition {
  /** `2024`, `2024_q3` or `2024_07`: what follows the table's name. */
  readonly suffix: string;
  readonly from: string;
  readonly to: string;
}

const monthsIn: Record<PartitionInterval, number> = { month: 1, quarter: 3, year: 12 };

/** The most partitions a table is given at once: each is a resource, and each costs every plan a little. */
export const maxPartitions = 400;

/**
 * What is wrong with a range as dates, before it is cut: undefined when `partitionsBetween` will succeed.
 * Both ends must be where an interval begins, or the cut would leave a gap at one end.
 */
export function rangeFault(interval: PartitionInterval, from: string, to: string): string | undefined {
  const start = monthIndex(from);
  const end = monthIndex(to);
  for (const [text, month] of [
    [from, start],
    [to, end],
  ] as const) {
    if (month === undefined) return `"${text}" is no date; write YYYY-MM-DD`;
    if (month % monthsIn[interval] !== 0 || !text.endsWith("-01")) {
      return `"${text}" is not where a ${interval} begins; take for instance "${dateOf(month - (month % monthsIn[interval]))}"`;
    }
  }
  if (start === undefined || end === undefined) return undefined;
  if (start >= end) return `"${from}" is not before "${to}"; the range needs at least one ${interval}`;
  const count = (end - start) / monthsIn[interval];
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
  const start = monthIndex(from);
  const end = monthIndex(to);
  if (fault !== undefined || start === undefined || end === undefined) throw new RangeError(fault);
  const partitions: TimePartition[] = [];
  for (let month = start; month < end; month += monthsIn[interval]) {
    partitions.push({
      suffix: suffixOf(interval, month),
      from: dateOf(month),
      to: dateOf(month + monthsIn[interval]),
    });
  }
  return partitions;
}

/** Months since year 0, or undefined when `text` is no date. */
function monthIndex(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  // Date.parse carries the 31st of a shorter month over into the next.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) return undefined;
  return Number(match[1]) * 12 + Number(match[2]) - 1;
}

function dateOf(month: number): string {
  return `${yearOf(month)}-${twoDigits((month % 12) + 1)}-01`;
}

function suffixOf(interval: PartitionInterval, month: number): string {
  switch (interval) {
    case "year":
      return yearOf(month);
    case "quarter":
      return `${yearOf(month)}_q${Math.floor((month % 12) / 3) + 1}`;
    case "month":
      return `${yearOf(month)}_${twoDigits((month % 12) + 1)}`;
  }
}

function yearOf(month: number): string {
  return String(Math.floor(month / 12)).padStart(4, "0");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
