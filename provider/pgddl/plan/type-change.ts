import { isBuiltIn } from "./type-name.ts";

/** An SQL condition over a column, given as it stands in a query. */
export type Condition = (column: string) => string;

/** What a change from one type to another means for the values that are there. */
export type TypeChange =
  /** The values stay as they are on the disk. */
  | { readonly kind: "metadata" }
  /** Every value has exactly one in the new type; all rows are written anew. */
  | { readonly kind: "lossless" }
  /** Not every value fits; all rows are written anew. */
  | {
      readonly kind: "narrowing";
      /** Values that the server refuses to convert. */
      readonly fails?: Condition;
      /** Values that it cuts or rounds without a word. Values that fail may be among them. */
      readonly cuts?: Condition;
    }
  /** What the values mean depends on a time zone. */
  | {
      readonly kind: "zone";
      /** Whether either is a date: no instant is the same on the disk then. */
      readonly isDate: boolean;
      /** Whether the new type has less than all digits of a second: the server rounds, even where nothing is to be. */
      readonly isRounded: boolean;
      /** Whether it has fewer of them than the old one. */
      readonly isShortened: boolean;
    }
  | { readonly kind: "incompatible" };

interface Type {
  readonly base: string;
  readonly args: readonly number[];
}

const metadata: TypeChange = { kind: "metadata" };
const lossless: TypeChange = { kind: "lossless" };
const incompatible: TypeChange = { kind: "incompatible" };

const integers: ReadonlyMap<
  string,
  { readonly least: string; readonly most: string; readonly digits: number }
> = new Map([
  ["smallint", { least: "-32768", most: "32767", digits: 5 }],
  ["integer", { least: "-2147483648", most: "2147483647", digits: 10 }],
  ["bigint", { least: "-9223372036854775808", most: "9223372036854775807", digits: 19 }],
]);
const [withZone, withoutZone] = ["timestamp with time zone", "timestamp without time zone"];
const temporal: readonly string[] = [withZone, withoutZone, "time with time zone", "time without time zone"];
const pairs: ReadonlyMap<string, TypeChange> = new Map<string, TypeChange>([
  ["real>double precision", lossless],
  ["smallint>double precision", lossless],
  ["integer>double precision", lossless],
  ["json>jsonb", lossless],
  ["jsonb>json", lossless],
  ["cidr>inet", metadata],
  ["inet>cidr", { kind: "narrowing", cuts: (c) => `${c} <> pg_catalog.network(${c})` }],
  ["xml>text", metadata],
  [`date>${withoutZone}`, lossless],
  [`${withoutZone}>date`, { kind: "narrowing", cuts: (c) => `${c} <> pg_catalog.date_trunc('day', ${c})` }],
]);

/** @param from @param to as format_type prints them; two different ones */
export function typeChange(from: string, to: string): TypeChange {
  const [a, b] = [parse(from), parse(to)];
  if (!a || !b) return incompatible;
  return (
    ofIntegers(a, b) ??
    ofNumerics(a, b) ??
    ofTemporals(a, b, to) ??
    ofZones(a, b) ??
    (a.base === "bit varying" && b.base === a.base ? ofVaryingBits(a, b) : undefined) ??
    pairs.get(`${a.base}>${b.base}`) ??
    ofTexts(a, b) ??
    incompatible
  );
}

function parse(type: string): Type | undefined {
  if (!isBuiltIn(type)) return undefined;
  const parts = /^([a-z ]+?)(?:\(([\d,]+)\))?((?: with(?:out)? time zone)?)$/.exec(type);
  if (!parts) return undefined;
  const [, head = "", args = "", tail = ""] = parts;
  return { base: head + tail, args: args === "" ? [] : args.split(",").map(Number) };
}

function ofIntegers(from: Type, to: Type): TypeChange | undefined {
  const [a, b] = [integers.get(from.base), integers.get(to.base)];
  if (!a) return undefined;
  if (b) {
    if (b.digits > a.digits) return lossless;
    return { kind: "narrowing", fails: (c) => `${c} NOT BETWEEN ${b.least} AND ${b.most}` };
  }
  if (to.base !== "numeric") return undefined;
  const [precision, scale = 0] = to.args;
  if (precision === undefined || precision - scale >= a.digits) return lossless;
  return { kind: "narrowing", fails: (c) => `pg_catalog.abs(${c}::numeric) >= 1e${precision - scale}` };
}

function ofNumerics(from: Type, to: Type): TypeChange | undefined {
  if (from.base !== "numeric") return undefined;
  const integer = integers.get(to.base);
  if (integer) {
    return {
      kind: "narrowing",
      fails: (c) => `pg_catalog.round(${c}) NOT BETWEEN ${integer.least} AND ${integer.most}`,
      cuts: (c) => `${c} <> pg_catalog.round(${c})`,
    };
  }
  if (to.base !== "numeric") return undefined;
  const [precision, scale = 0] = to.args;
  if (precision === undefined) return metadata;
  const [before, decimals = 0] = from.args;
  const whole = precision - scale;
  if (before !== undefined && decimals === scale && precision >= before) return metadata;
  if (before !== undefined && decimals <= scale && whole >= before - decimals) return lossless;
  return {
    kind: "narrowing",
    // NaN, which counts as the greatest of all, fits into any numeric.
    fails: (c) => `${c} <> 'NaN' AND pg_catalog.abs(pg_catalog.round(${c}, ${scale})) >= 1e${whole}`,
    ...((before === undefined || decimals > scale) && {
      cuts: (c: string) => `${c} <> pg_catalog.round(${c}, ${scale})`,
    }),
  };
}

function ofTemporals(from: Type, to: Type, target: string): TypeChange | undefined {
  if (from.base !== to.base || !temporal.includes(from.base)) return undefined;
  const [before = 6] = from.args;
  const [after = 6] = to.args;
  return after >= before ? metadata : { kind: "narrowing", cuts: (c) => `${c} <> ${c}::${target}` };
}

function ofZones(from: Type, to: Type): TypeChange | undefined {
  const dated = [withZone, withoutZone, "date"];
  if (!dated.includes(from.base) || !dated.includes(to.base)) return undefined;
  if ((from.base === withZone) === (to.base === withZone)) return undefined;
  const isDate = from.base === "date" || to.base === "date";
  const [before = 6] = from.args;
  const [after = 6] = to.args;
  return { kind: "zone", isDate, isRounded: after < 6, isShortened: !isDate && after < before };
}

function ofVaryingBits(from: Type, to: Type): TypeChange {
  const [before = Infinity] = from.args;
  const [after = Infinity] = to.args;
  return after >= before
    ? metadata
    : { kind: "narrowing", fails: (c) => `pg_catalog.length(${c}) > ${after}` };
}

/** To one of the text types, which every other type can be printed into. */
function ofTexts(from: Type, to: Type): TypeChange | undefined {
  const isVarying = to.base === "character varying";
  if (!isVarying && to.base !== "text" && to.base !== "character") return undefined;
  const [most = Infinity] = to.args;
  const isPlain = from.base === "text" || from.base === "character varying";
  const [length = Infinity] = from.args;
  if (isPlain && to.base !== "character") {
    if (most >= length) return metadata;
    return {
      kind: "narrowing",
      // The server cuts blanks off and nothing else.
      fails: (c) => `pg_catalog.substr(${c}, ${most + 1}) ~ '[^ ]'`,
      cuts: (c) => `pg_catalog.length(${c}) > ${most}`,
    };
  }
  if (most === Infinity || (from.base === "character" && most >= length)) return lossless;
  return { kind: "narrowing", fails: (c) => `pg_catalog.length(${c}::text) > ${most}` };
}
