/** A calendar unit of UTC: no time zone, so every day has 24 hours. Weeks begin on Monday. */
export type CalendarUnit = "day" | "week" | "month" | "quarter" | "year";

export const calendarUnits: readonly CalendarUnit[] = ["day", "week", "month", "quarter", "year"];

/** Days since 1970-01-01, or undefined when `text` is no date of the form `YYYY-MM-DD`. */
export function dayOf(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [year, month, dayOfMonth] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year < 1 || month < 1 || month > 12) return undefined;
  const day = firstOfMonth(year * 12 + month - 1) + dayOfMonth - 1;
  // The 31st of a shorter month is a day of the next one.
  return dateOf(day) === text ? day : undefined;
}

/** `YYYY-MM-DD` of a day from the year 1 on; the year has more digits from 10000 on. */
export function dateOf(day: number): string {
  const month = monthHolding(day);
  return `${yearOf(month)}-${twoDigits((month % 12) + 1)}-${twoDigits(day - firstOfMonth(month) + 1)}`;
}

/** The number of the unit that holds a day; numbers of one unit are consecutive. */
export function unitHolding(unit: CalendarUnit, day: number): number {
  switch (unit) {
    case "day":
      return day;
    case "week":
      // 1970-01-01 was a Thursday.
      return Math.floor((day + 3) / 7);
    case "month":
    case "quarter":
    case "year":
      return Math.floor(monthHolding(day) / monthsIn[unit]);
  }
}

/** The day on which a unit of that number begins. */
export function firstDayOf(unit: CalendarUnit, number: number): number {
  switch (unit) {
    case "day":
      return number;
    case "week":
      return number * 7 - 3;
    case "month":
    case "quarter":
    case "year":
      return firstOfMonth(number * monthsIn[unit]);
  }
}

/** The unit in names: `2024`, `2024_q3`, `2024_07`, `2024_w28` (by ISO 8601), `2024_07_15`. */
export function suffixOf(unit: CalendarUnit, number: number): string {
  const first = firstDayOf(unit, number);
  const month = monthHolding(first);
  const year = yearOf(month);
  switch (unit) {
    case "day":
      return dateOf(first).replaceAll("-", "_");
    case "week": {
      // A week belongs to the year that its Thursday is in.
      const inYear = yearOf(monthHolding(first + 3));
      const week = Math.floor((first + 3 - firstOfMonth(Number(inYear) * 12)) / 7) + 1;
      return `${inYear}_w${twoDigits(week)}`;
    }
    case "month":
      return `${year}_${twoDigits((month % 12) + 1)}`;
    case "quarter":
      return `${year}_q${Math.floor((month % 12) / 3) + 1}`;
    case "year":
      return year;
  }
}

const monthsIn = { month: 1, quarter: 3, year: 12 } as const;

/** Days from 1970-01-01 to the first of a month, counted from January of the year 0. */
function firstOfMonth(month: number): number {
  // Years that begin in March end with the day that comes and goes.
  const fromMarch = month - 2;
  const year = Math.floor(fromMarch / 12);
  const before = Math.floor((153 * (fromMarch - year * 12) + 2) / 5);
  return (
    year * 365 + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400) + before - 719_468
  );
}

/** The month that holds a day, counted from January of the year 0. */
function monthHolding(day: number): number {
  const guess = Math.floor((day + 719_528) / 30.436_875);
  if (firstOfMonth(guess) > day) return guess - 1;
  return firstOfMonth(guess + 1) <= day ? guess + 1 : guess;
}

function yearOf(month: number): string {
  return String(Math.floor(month / 12)).padStart(4, "0");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
