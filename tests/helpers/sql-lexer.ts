/** One token of SQL, as PostgreSQL's own lexer cuts it with standard_conforming_strings on. */
export interface Token {
  readonly kind: "word" | "identifier" | "literal" | "number" | "operator" | "comment";
  /** Of an identifier or a literal what it means, without its quotes. */
  readonly value: string;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

const rules: readonly (readonly [RegExp, (match: RegExpExecArray) => Token | undefined])[] = [
  [/[ \t\n\r\f\v]+/y, () => undefined],
  [/--[^\n\r]*/y, ([all]) => ({ kind: "comment", value: all })],
  [/\/\*/y, ([all]) => ({ kind: "comment", value: all })],
  [/"((?:[^"]|"")+)"/y, ([, inside = ""]) => ({ kind: "identifier", value: inside.replaceAll('""', '"') })],
  [/'((?:[^']|'')*)'/y, ([, inside = ""]) => ({ kind: "literal", value: inside.replaceAll("''", "'") })],
  [/[eE]'((?:[^'\\]|''|\\[\s\S])*)'/y, ([, inside = ""]) => ({ kind: "literal", value: unescape(inside) })],
  // Nothing that quotes makes these: no other way to open a text may come out of it.
  [/[eEuUbBxXnN]&?'|[uU]&"|\$[A-Za-z_0-9]*\$/y, ([all]) => ({ kind: "comment", value: all })],
  [/[A-Za-z_\u0080-\uffff][A-Za-z_0-9$\u0080-\uffff]*/y, ([all]) => ({ kind: "word", value: all })],
  [/\d+(?:\.\d+)?/y, ([all]) => ({ kind: "number", value: all })],
  [/[-+*/<>=~!@#%^&|`?.,;:()[\]{}]/y, ([all]) => ({ kind: "operator", value: all })],
];

/** @throws Error where a quote is never closed, or nothing fits */
export function lexSql(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  scan: while (at < sql.length) {
    for (const [pattern, make] of rules) {
      pattern.lastIndex = at;
      const match = pattern.exec(sql);
      if (!match) continue;
      const token = make(match);
      if (token) tokens.push(token);
      at = pattern.lastIndex;
      continue scan;
    }
    throw new Error(`no token at ${at}: ${JSON.stringify(sql.slice(at, at + 20))} of ${JSON.stringify(sql)}`);
  }
  return tokens;
}

function unescape(inside: string): string {
  return inside.replaceAll(/''|\\([\s\S])/g, (all, escaped: string | undefined) =>
    escaped === undefined ? all.slice(1) : (escapes[escaped] ?? escaped),
  );
}
