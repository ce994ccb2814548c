import { UserError } from "./errors.ts";

/** PostgreSQL cuts longer names silently (NAMEDATALEN - 1), so they are refused. */
export const maxIdentifierBytes = 63;

/**
 * A name as SQL: always quoted, so that case, hyphens and reserved words are kept as they are.
 * @throws UserError `identifier` for what PostgreSQL would take for another name, or for the end of the statement
 */
export function quoteIdentifier(name: string): string {
  const fault = unstorable(name) ?? lengthFault(name);
  if (fault !== undefined) throw new UserError("identifier", `a name ${fault}`);
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."name"`. */
export function qualify(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/**
 * A string as an SQL literal, for the few statements that take no parameters (DDL, SET).
 * @throws UserError `literal` for what PostgreSQL cannot store
 */
export function quoteLiteral(value: string): string {
  const fault = unstorable(value);
  if (fault !== undefined) throw new UserError("literal", `a text ${fault}`);
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes("\\") ? `E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/** What is wrong with `name` as an identifier, or undefined. Length is counted in UTF-8 bytes. */
export function identifierFault(name: string): string | undefined {
  const fault = unstorable(name) ?? lengthFault(name);
  if (fault !== undefined) return fault;
  if (/^pg_/i.test(name)) return `"${name}" begins with pg_, which PostgreSQL reserves; choose another name`;
  return undefined;
}

/** What of `text` PostgreSQL cannot store in any text, or undefined. */
export function unstorable(text: string): string | undefined {
  if (text.includes("\0")) return "holds a NUL byte, which PostgreSQL cannot store; remove it";
  // Written as UTF-8 it would turn into U+FFFD, and two different texts into the same.
  if (!text.isWellFormed()) return "holds half of a character (a lone surrogate); remove it";
  return undefined;
}

function lengthFault(name: string): string | undefined {
  if (name === "") return "is empty; give a name of 1 to 63 bytes";
  const bytes = Buffer.byteLength(name);
  if (bytes <= maxIdentifierBytes) return undefined;
  return `"${name}" has ${bytes} bytes; PostgreSQL keeps ${maxIdentifierBytes}: choose a shorter name`;
}
