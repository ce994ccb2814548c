/** A time without a success: from the last before it to the first after it. No `to`: none came any more. */
export interface Gap {
  readonly from: number;
  readonly to: number | undefined;
}

/**
 * The longest time without a success that was not over before the fault.
 * @param times of the successes, sorted
 * @param end when the watch ended: what has not come back by then is open
 */
export function longestGap(times: readonly number[], faultAt: number, end: number): Gap | undefined {
  let longest: Gap | undefined;
  let most = 0;
  const consider = (from: number, to: number | undefined): void => {
    const length = (to ?? end) - from;
    if (length <= most || (to ?? end) <= faultAt) return;
    most = length;
    longest = { from, to };
  };
  for (const [at, time] of times.entries()) {
    const before = times[at - 1];
    if (before !== undefined) consider(before, time);
  }
  const last = times.at(-1);
  // What is between the last success and the end of the watch is no gap unless it is longer than any other.
  if (last !== undefined && end - last > Math.max(most, 2000)) consider(last, undefined);
  return longest;
}

/** Seconds; undefined when there was no success at all, or none came back. */
export function gapSeconds(gap: Gap | undefined): number | undefined {
  return gap?.to === undefined ? undefined : (gap.to - gap.from) / 1000;
}
