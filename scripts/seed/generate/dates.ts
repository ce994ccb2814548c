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

/** Days asked for before: a conversion by Date costs more than the rest of a row. */
const knownDays: string[] = [];

/** `2026-11-22`. */
export function dayText(at: EpochSeconds): string {
  const day = Math.floor(at / secondsPerDay);
  return (knownDays[day] ??= new Date(at * 1000).toISOString().slice(0, 10));
}

/** `00` to `99`. */
export const twoDigits: readonly string[] = Array.from({ length: 100 }, (_, value) =>
  String(value).padStart(2, "0"),
);

/** `2026-11-22 13:45:00`, as the server prints it with DateStyle ISO. */
export function timestampText(at: EpochSeconds): string {
  const second = at % secondsPerDay;
  const hour = twoDigits[Math.floor(second / 3600)] ?? "";
  const minute = twoDigits[Math.floor(second / 60) % 60] ?? "";
  return `${dayText(at)} ${hour}:${minute}:${twoDigits[second % 60] ?? ""}`;
}

/** 1 January of the decade that `at` lies in. */
export function decadeStart(at: EpochSeconds): EpochSeconds {
  const year = new Date(at * 1000).getUTCFullYear();
  return Date.UTC(Math.floor(year / 10) * 10, 0, 1) / 1000;
}
