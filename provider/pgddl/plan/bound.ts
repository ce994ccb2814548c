import { quoteLiteral } from "../../../lib/identifier.ts";
import type { BoundCatalog } from "../catalog.ts";
import type { BoundSpec } from "../spec.ts";

/** `FOR VALUES …` or `DEFAULT`. */
export function boundSql(bound: BoundSpec): string {
  if ("isDefault" in bound) return "DEFAULT";
  if ("modulus" in bound) {
    return `FOR VALUES WITH (MODULUS ${bound.modulus}, REMAINDER ${bound.remainder})`;
  }
  if ("in" in bound) return `FOR VALUES IN (${bound.in.map((text) => literal(text, ["NULL"])).join(", ")})`;
  const side = (texts: readonly string[]): string =>
    `(${texts.map((text) => literal(text, ["MINVALUE", "MAXVALUE"])).join(", ")})`;
  return `FOR VALUES FROM ${side(bound.from)} TO ${side(bound.to)}`;
}

/**
 * Reads what pg_get_expr prints for a bound. Quotes go, so that a text reads as the spec has it.
 * @throws Error on a form that this does not know
 */
export function parseBoundSql(sql: string): BoundCatalog {
  if (sql === "DEFAULT") return { isDefault: true };
  const hash = /^FOR VALUES WITH \(modulus (\d+), remainder (\d+)\)$/i.exec(sql);
  if (hash) return { modulus: Number(hash[1]), remainder: Number(hash[2]) };
  const values = `\\(((?:'(?:[^']|'')*'|[^'()])*)\\)`;
  const list = new RegExp(`^FOR VALUES IN ${values}$`).exec(sql);
  if (list) return { in: texts(list[1] ?? "") };
  const range = new RegExp(`^FOR VALUES FROM ${values} TO ${values}$`).exec(sql);
  if (range) return { from: texts(range[1] ?? ""), to: texts(range[2] ?? "") };
  throw new Error(`unknown form of a partition bound: ${sql}`);
}

/** The texts of a bound that are values, not the keywords of its kind; `replace` gets the key column's position too. */
export function mapBound(bound: BoundSpec, replace: (text: string, column: number) => string): BoundSpec {
  if ("in" in bound) return { in: bound.in.map((text) => (text === "NULL" ? text : replace(text, 0))) };
  if (!("from" in bound)) return bound;
  const side = (texts: readonly string[]): string[] =>
    texts.map((text, at) => (text === "MINVALUE" || text === "MAXVALUE" ? text : replace(text, at)));
  return { from: side(bound.from), to: side(bound.to) };
}

function literal(text: string, keywords: readonly string[]): string {
  return keywords.includes(text) ? text : quoteLiteral(text);
}

function texts(list: string): string[] {
  return [...list.matchAll(/'((?:[^']|'')*)'|([^', ][^',]*)/g)].map((match) =>
    match[1] === undefined ? (match[2] ?? "").trim() : match[1].replaceAll("''", "'"),
  );
}
