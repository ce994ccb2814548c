import { secondsPerDay, type EpochSeconds } from "./dates.ts";
import type { RandomStream } from "./random-stream.ts";

/** How busy a shop is, January to December, Sunday to Saturday, midnight to midnight; each beside the mean. */
const byMonth = [0.85, 0.8, 0.9, 0.92, 0.95, 0.95, 0.9, 0.9, 1, 1.05, 1.5, 1.6];
const byWeekday = [1.1, 0.95, 0.9, 0.92, 1, 1.05, 1.2];
const byHour = [
  0.3, 0.2, 0.1, 0.1, 0.1, 0.2, 0.4, 0.7, 0.9, 1.1, 1.2, 1.2, 1.3, 1.1, 1, 1, 1.1, 1.2, 1.5, 1.9, 2.2, 2.1,
  1.5, 0.8,
];

/**
 * The days of a shop, each as likely as it is busy. `growth`: how much busier the last day is than the first
 * for the trend alone; 1 for none.
 */
export class BusyDays {
  readonly #first: EpochSeconds;
  /** Up to and with each day. */
  readonly #sums: Float64Array;
  /** The day at which each of so many equal parts of all begins: a search from there takes a step or two. */
  readonly #guide: Uint16Array;
  readonly #total: number;

  /** From the day of `first` to the one before `end`, both midnight; one day at least. */
  constructor(first: EpochSeconds, end: EpochSeconds, growth: number) {
    this.#first = first;
    const days = Math.max(1, Math.round((end - first) / secondsPerDay));
    this.#sums = new Float64Array(days);
    let sum = 0;
    for (let day = 0; day < days; day++) {
      const date = new Date((first + day * secondsPerDay) * 1000);
      const trend = 1 + ((growth - 1) * day) / days;
      sum += trend * (byMonth[date.getUTCMonth()] ?? 1) * (byWeekday[date.getUTCDay()] ?? 1);
      this.#sums[day] = sum;
    }
    this.#total = sum;
    this.#guide = new Uint16Array(4 * days);
    for (let [part, day] = [0, 0]; part < this.#guide.length; part++) {
      while ((this.#sums[day] ?? Infinity) <= (part / this.#guide.length) * sum) day++;
      this.#guide[part] = day;
    }
  }

  /** Midnight of the day at which `share` of all that happens has happened; `share` in [0, 1). */
  dayAt(share: number): EpochSeconds {
    const wanted = share * this.#total;
    const last = this.#sums.length - 1;
    let day = this.#guide[Math.floor(share * this.#guide.length)] ?? last;
    while (day < last && (this.#sums[day] ?? 0) <= wanted) day++;
    return this.#first + day * secondsPerDay;
  }
}

const hourOf256 = spread(byHour);

/** A second of the day, as likely as its hour is busy. */
export function secondOfDay(random: RandomStream): number {
  return (hourOf256[random.int(0, 255)] ?? 0) * 3600 + random.int(0, 3599);
}

/** 256 hours, each as often as its weight says: one look in place of a search. */
function spread(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const hours: number[] = [];
  let sum = 0;
  for (const [hour, weight] of weights.entries()) {
    sum += weight;
    while (hours.length < Math.round((sum / total) * 256)) hours.push(hour);
  }
  return hours;
}
