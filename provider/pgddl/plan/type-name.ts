/** The integer type behind each serial type. */
const serials: ReadonlyMap<string, string> = new Map([
  ["serial", "integer"],
  ["bigserial", "bigint"],
  ["smallserial", "smallint"],
]);

// Spellings that PostgreSQL's grammar itself turns into another, so that no server is needed to tell.
const synonyms: ReadonlyMap<string, string> = new Map([
  ["int", "integer"],
  ["int4", "integer"],
  ["int8", "bigint"],
  ["int2", "smallint"],
  ["serial4", "serial"],
  ["serial8", "bigserial"],
  ["serial2", "smallserial"],
  ["decimal", "numeric"],
  ["dec", "numeric"],
  ["bool", "boolean"],
  ["varchar", "character varying"],
  ["char varying", "character varying"],
  ["char", "character"],
  ["float", "double precision"],
  ["float8", "double precision"],
  ["float4", "real"],
  ["varbit", "bit varying"],
  ["timestamp", "timestamp without time zone"],
  ["timestamptz", "timestamp with time zone"],
  ["time", "time without time zone"],
  ["timetz", "time with time zone"],
]);

/** A type as `format_type` prints it, as far as pure synonyms go; anything else comes back tidied up only. */
export function canonicalType(type: string): string {
  const text = type.trim().toLowerCase().replaceAll(/\s+/g, " ");
  // Quoted names and names with a schema are the server's to tell.
  const parts = /^([a-z0-9_ ]+?) ?(?:\(([\d ,]+)\))?((?: [a-z ]+)?)((?: ?\[\d*\])*)$/.exec(text);
  if (!parts) return type.trim();
  const [, head = "", args = "", tail = "", dimensions = ""] = parts;
  const brackets = dimensions === "" ? "" : "[]";
  if (args !== "") return withArguments(head, args.replaceAll(" ", ""), tail) + brackets;
  const base = synonyms.get(head + tail) ?? head + tail;
  return (base === "character" || base === "bit" ? `${base}(1)` : base) + brackets;
}

function withArguments(head: string, args: string, tail: string): string {
  if (head === "float") return Number(args) <= 24 ? "real" : "double precision";
  const base = synonyms.get(head) ?? head;
  if (base === "numeric") return args.includes(",") ? `numeric(${args})` : `numeric(${args},0)`;
  const zone = /^(timestamp|time) (with|without) time zone$/.exec(base);
  if (zone) return `${zone[1] ?? ""}(${args})${tail === "" ? ` ${zone[2] ?? ""} time zone` : tail}`;
  return `${base}(${args})${tail}`;
}

/** `integer` for `serial`; undefined for a type that is none of the serial ones. */
export function integerBehind(canonical: string): string | undefined {
  return serials.get(canonical);
}

/** `serial` for `integer`; undefined for a type that no serial stands for. */
export function serialFor(integer: string): string | undefined {
  for (const [serial, behind] of serials) if (behind === integer) return serial;
  return undefined;
}

// Types of the server itself without a domain among them: nothing that it could rewrite a table for unseen.
const builtIn =
  /^(?:(?:big|small)?int(?:eger)?|bigint|smallint|numeric|real|double precision|boolean|text|bytea|uuid|jsonb?|xml|date|interval|inet|cidr|macaddr|money|tsvector|tsquery|character varying|character|bit|bit varying|time|timestamp|(?:big|small)?serial)(?:\([\d,]+\))?(?: (?:with|without) time zone)?(?:\[\])?$/;

/** Whether `canonical` is fully known here; otherwise the server has to be asked. */
export function isBuiltIn(canonical: string): boolean {
  return builtIn.test(canonical);
}
