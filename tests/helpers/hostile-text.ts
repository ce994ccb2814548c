import fc from "fast-check";

/** What ends a quote, a statement or a line somewhere, and what is cut or changed on its way. */
const pieces = [
  ...['"', '""', "'", "''", "\\", "\\'", ";", "--", "/*", "*/", "$$", "$a$", "E'", 'U&"', "%s", "`", "$(id)"],
  ...["\0", "\n", "\r\n", "\t", "\u001b[2J", "\u007f", "\u2028", "\ud800", "\udc00", "\ufeff", "\u202e"],
  ...[" ", ".", ",", ":", "=", "/", "..", "-", "--stack", "#", "&a", "*a", "!!", "<<", "{", "[", "|"],
  ...["é", "ß", "İ", "😀", "\u0301", "中", "pg_", "PG_", "DROP TABLE users", "a", "B", "0", "1e9", "-1"],
] as const;

const known = [
  ...["", " ", "NULL", "MINVALUE", "DEFAULT", "null", "undefined", "NaN", "Infinity", "1e9", "0x10", "-0"],
  ...["constructor", "__proto__", "toString", "hasOwnProperty", "select", "user", "pg_catalog"],
  ...["public", "x'; DROP TABLE users; --", 'x"; DROP TABLE users; --', "'; SELECT pg_sleep(9); --"],
  ...["../../etc/passwd", "$(touch /tmp/x)", "a\nfsync = off", "a".repeat(63), "a".repeat(64)],
  ...["é".repeat(31), "é".repeat(32), "😀".repeat(16), "9".repeat(400), "2024-02-30", "99999-01-01"],
];

/** Any text, most of them made to break something. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((all) => all.join("")),
  },
  { weight: 2, arbitrary: fc.constantFrom(...known) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 70 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 70 }) },
);

/** What PostgreSQL can store as a text: said apart from the code that is tested. */
export function isStorable(text: string): boolean {
  return !/\0|[\ud800-\udfff]/u.test(text);
}

/** What can be a name, as long as it is not reserved. */
export function isName(text: string): boolean {
  const bytes = new TextEncoder().encode(text).length;
  return isStorable(text) && bytes >= 1 && bytes <= 63;
}
