/** A column of a partition key, as the order of its values depends on it. */
export interface KeyColumn {
  readonly name: string;
  /** As format_type prints it. */
  readonly type: string;
}

/** Negative, zero or positive like a comparator; undefined when the texts alone do not tell. */
export type Order = number | undefined;

const numbers = ["smallint", "integer", "bigint", "numeric"];

/**
 * The order of two values of a range bound. MINVALUE and MAXVALUE lie outside all others. Texts without a zone are
 * in UTC, as every session of the provider is.
 */
export function compareValues(type: string, a: string, b: string): Order {
  if (a === b) return 0;
  if (a === "MINVALUE" || b === "MAXVALUE") return -1;
  if (a === "MAXVALUE" || b === "MINVALUE") return 1;
  const base = type.replace(/\(.*?\)/, "");
  if (numbers.includes(base)) return compareNumbers(a, b);
  const [left, right] = [place(base, a), place(base, b)];
  if (left === undefined || right === undefined) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Whether two values of a list bound are the same; undefined when the texts alone do not tell. Different texts of
 * a type that is not known here may be the same value in two spellings.
 */
export function isSameValue(type: string, a: string, b: string): boolean | undefined {
  if (a === b) return true;
  if (a === "NULL" || b === "NULL") return false;
  // Equal means byte by byte, unless a collation says otherwise, which only those made by users do.
  if (isText(type)) return false;
  const order = compareValues(type, a, b);
  return order === undefined ? undefined : order === 0;
}

/** Something that sorts as the values of the type do. */
function place(type: string, text: string): bigint | string | undefined {
  switch (type) {
    case "date":
      return days(text);
    case "timestamp without time zone":
      return microseconds(text, false);
    case "timestamp with time zone":
      return microseconds(text, true);
    case "uuid": {
      const digits = text.toLowerCase().replaceAll(/[-{}]/g, "");
      return /^[0-9a-f]{32}$/.test(digits) ? digits : undefined;
    }
    case "boolean":
      return { f: 0n, false: 0n, t: 1n, true: 1n }[text.toLowerCase()];
    default:
      // How texts sort depends on the collation.
      return undefined;
  }
}

function isText(type: string): boolean {
  return type === "text" || type.startsWith("character varying");
}

/** The order of two numbers of any length. */
function compareNumbers(a: string, b: string): Order {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (!left || !right) return undefined;
  if (left.beyond !== 0 || right.beyond !== 0) return left.beyond - right.beyond;
  const [one, other] = [
    left.digits * 10n ** BigInt(Math.max(0, right.scale - left.scale)),
    right.digits * 10n ** BigInt(Math.max(0, left.scale - right.scale)),
  ];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** `digits` is `scale` places behind the point; `beyond` tells infinities from numbers, and NaN, which is above all. */
function numberOf(text: string): { digits: bigint; scale: number; beyond: number } | undefined {
  const beyond = { nan: 2, infinity: 1, inf: 1, "+infinity": 1, "+inf": 1, "-infinity": -1, "-inf": -1 };
  const found = Object.entries(beyond).find(([name]) => name === text.toLowerCase());
  if (found) return { digits: 0n, scale: 0, beyond: found[1] };
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = "", whole = "", fraction = ""] = match;
  if (whole + fraction === "") return undefined;
  const amount = BigInt(whole + fraction);
  return { digits: sign === "-" ? -amount : amount, scale: fraction.length, beyond: 0 };
}

const endOfTime = 10n ** 24n;
const usPerDay = 86_400_000_000n;

function days(text: string): bigint | undefined {
  const at = microseconds(text, false);
  if (at === undefined || at === endOfTime || at === -endOfTime) return at;
  // A time of day behind a date is cut off.
  const whole = at / usPerDay;
  return at % usPerDay < 0n ? whole - 1n : whole;
}

const moment =
  /^(\d{4,6})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?(?: ?(Z|UTC|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?))?( BC)?$/;

/** Since 1970, as the ISO spellings that the server prints say it. */
function microseconds(text: string, hasZone: boolean): bigint | undefined {
  const infinite = /^([+-]?)infinity$/i.exec(text);
  if (infinite) return infinite[1] === "-" ? -endOfTime : endOfTime;
  const match = moment.exec(text);
  if (!match) return undefined;
  const [, year = "", month = "", day = "", hour = "0", minute = "0", second = "0", fraction = "", zone] =
    match;
  const isBefore = match[9] !== undefined;
  const date = new Date(0);
  date.setUTCFullYear(isBefore ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day));
  // A day that the month does not have is the server's to complain about.
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (hours > 24 || minutes > 59 || seconds > 60) return undefined;
  const inDay = BigInt(hours * 3600 + minutes * 60 + seconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
  const offset = hasZone ? zoneSeconds(zone) : 0;
  return BigInt(date.getTime()) * 1000n + inDay - BigInt(offset) * 1_000_000n;
}

function zoneSeconds(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})?:?(\d{2})?$/.exec(zone ?? "");
  if (!match) return 0;
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = match;
  const amount = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -amount : amount;
}
