import { qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { BoundSpec } from "../spec.ts";
import type { RangeBound } from "./bound-algebra.ts";
import type { TableName } from "./statement.ts";

/** What a predicate has to know beyond the bound. */
export interface PredicateContext {
  /** The key's columns in order. */
  readonly columns: readonly string[];
  /** For a hash bound: whose hash functions count. */
  readonly parent: TableName;
  /** For a default partition: the bounds of all others. */
  readonly siblings: readonly BoundSpec[];
}

/**
 * The SQL condition that is true of the rows of a bound and false, never null, of all others. Written the way
 * PostgreSQL writes a partition's constraint, or ATTACH would not see that a CHECK of it says the same.
 */
export function predicateOf(bound: BoundSpec, context: PredicateContext): string {
  const { columns, parent, siblings } = context;
  if ("isDefault" in bound) {
    const others = siblings.filter((each) => !("isDefault" in each));
    if (others.length === 0) return "true";
    return `NOT (${others.map((each) => `(${predicateOf(each, context)})`).join(" OR ")})`;
  }
  if ("modulus" in bound) {
    const name = quoteLiteral(qualify(parent.schema, parent.name));
    const values = columns.map(quoteIdentifier).join(", ");
    return `satisfies_hash_partition(${name}::regclass, ${bound.modulus}, ${bound.remainder}, ${values})`;
  }
  if ("in" in bound) return listPredicate(bound.in, quoteIdentifier(columns[0] ?? ""));
  return rangePredicate(bound, columns.map(quoteIdentifier));
}

function listPredicate(values: readonly string[], column: string): string {
  const texts = values.filter((value) => value !== "NULL").map(quoteLiteral);
  const isIn = texts.length > 0 ? `${column} IN (${texts.join(", ")})` : undefined;
  if (!values.includes("NULL")) return `${column} IS NOT NULL AND ${isIn ?? "false"}`;
  return isIn === undefined ? `${column} IS NULL` : `${column} IS NULL OR ${isIn}`;
}

function rangePredicate({ from, to }: RangeBound, columns: readonly string[]): string {
  // Leading columns of one value only; behind them the two sides part.
  let same = 0;
  while (same < columns.length - 1 && isValue(from[same]) && from[same] === to[same]) same += 1;
  const conditions = [
    ...columns.map((column) => `${column} IS NOT NULL`),
    ...columns.slice(0, same).map((column, at) => `${column} = ${quoteLiteral(from[at] ?? "")}`),
    side(columns.slice(same), from.slice(same), ">", "MINVALUE"),
    side(columns.slice(same), to.slice(same), "<", "MAXVALUE"),
  ];
  return conditions.filter((condition) => condition !== "true").join(" AND ");
}

/**
 * One side of a range: a row is inside by the first column that differs from the bound's.
 * @param open the keyword that lets everything through
 * @returns `true` or `false` when no value decides
 */
function side(
  columns: readonly string[],
  values: readonly string[],
  operator: "<" | ">",
  open: "MINVALUE" | "MAXVALUE",
): string {
  const arms: string[] = [];
  const equal: string[] = [];
  for (const [at, column] of columns.entries()) {
    const value = values[at] ?? "";
    if (!isValue(value)) {
      // Reached only by rows that are equal so far.
      if (value === open) arms.push(equal.join(" AND ") || "true");
      break;
    }
    const next = values[at + 1];
    // The row that the bound names itself is in at its lower end and out at its upper one.
    const isSelfIn = next === undefined ? operator === ">" : next === open;
    arms.push([...equal, `${column} ${operator}${isSelfIn ? "=" : ""} ${quoteLiteral(value)}`].join(" AND "));
    if (!isValue(next)) break;
    equal.push(`${column} = ${quoteLiteral(value)}`);
  }
  const [first = "false", ...others] = arms;
  return others.length === 0 ? first : `(${arms.map((arm) => `(${arm})`).join(" OR ")})`;
}

function isValue(text: string | undefined): boolean {
  return text !== undefined && text !== "MINVALUE" && text !== "MAXVALUE";
}
