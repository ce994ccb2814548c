/** PostgreSQL cuts longer names silently (NAMEDATALEN - 1), so they are refused. */
export const maxIdentifierBytes = 63;

/** A name as SQL: always quoted, so that case, hyphens and reserved words are kept as they are. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."name"`. */
export function qualify(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** A string as an SQL literal, for the few statements that take no parameters (DDL, SET). */
export function quoteLiteral(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes("\\") ? `E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/** What is wrong with `name` as an identifier, or undefined. Length is counted in UTF-8 bytes. */
export function identifierFault(name: string): string | undefined {
  if (name === "") return "is empty; give a name of 1 to 63 bytes";
  if (name.includes("\0")) return "holds a NUL byte, which PostgreSQL cannot store; remove it";
  const bytes = Buffer.byteLength(name);
  if (bytes > maxIdentifierBytes) {
    return `"${name}" has ${bytes} bytes; PostgreSQL keeps ${maxIdentifierBytes}: choose a shorter name`;
  }
  if (/^pg_/i.test(name)) return `"${name}" begins with pg_, which PostgreSQL reserves; choose another name`;
  return undefined;
}
