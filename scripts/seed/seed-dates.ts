/** Times of the seed are whole seconds since 1970 in UTC; the columns have no time zone. */
export type EpochSeconds = number;

export const secondsPerDay = 86_400;

/** Midnight UTC of `YYYY-MM-DD`; undefined when that is no day of the calendar. */
export function parseDay(text: string): EpochSeconds | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const seconds = Date.parse(`${text}T00:00:00Z`) / 1000;
  // Date.parse carries the 31st of a shorter month over into the next.
  return Number.isNaN(seconds) || dayText(seconds) !== text ? undefined : seconds;
}

/** `2026-11-22`. */
export function dayText(at: EpochSeconds): string {
  return new Date(at * 1000).toISOString().slice(0, 10);
}

/** `2026-11-22 13:45:00`, as the server prints it with DateStyle ISO. */
export function timestampText(at: EpochSeconds): string {
  return new Date(at * 1000).toISOString().slice(0, 19).replace("T", " ");
}

/** 1 January of the decade that `at` lies in. */
export function decadeStart(at: EpochSeconds): EpochSeconds {
  const year = new Date(at * 1000).getUTCFullYear();
  return Date.UTC(Math.floor(year / 10) * 10, 0, 1) / 1000;
}
