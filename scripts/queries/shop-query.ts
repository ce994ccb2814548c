import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a parameter may be, which decides how it is checked. All travel as text and are cast by the SQL. */
export type ParameterKind = "id" | "count" | "quantity" | "day" | "text";

/** One `$1`, `$2`, … of a query. */
export interface QueryParameter {
  /** As an option: `--customer`. */
  readonly name: string;
  readonly kind: ParameterKind;
  readonly meaning: string;
  /** Used when nothing is said: a value, or SQL that draws one text from the shop as it is. */
  readonly fallback: { readonly value: string } | { readonly sql: string; readonly describe: string };
}

/** How a plan has to read one table once the shop is big. Tables that are not named may be read as it likes. */
export interface ExpectedRead {
  readonly table: string;
  /** By nothing but these indexes, the one that is meant for the query first. */
  readonly by: readonly [string, ...string[]];
  /** Of a partitioned table: at most one partition for each key that is looked up. */
  readonly isPruned?: true;
}

export interface ShopQuery {
  /** The name of its file, too. */
  readonly name: string;
  readonly title: string;
  /** In the order of their numbers. */
  readonly parameters: readonly QueryParameter[];
  /** As the server names them. */
  readonly columns: readonly string[];
  readonly reads: readonly ExpectedRead[];
}

/** What stands for the parameters of one run, by name. */
export type QueryValues = Readonly<Record<string, string>>;

/** Rows as the server prints them. */
export type AnswerRows = readonly (readonly (string | null)[])[];

export function sqlOf({ name }: Pick<ShopQuery, "name">): string {
  return readFileSync(join(import.meta.dirname, `${name}.sql`), "utf8");
}

/** The values in the order of the query's numbers. @throws RangeError when one is missing */
export function valueList(query: ShopQuery, values: QueryValues): string[] {
  return query.parameters.map(({ name }) => valueOf(values, name));
}

/** @throws RangeError when nothing is said of the parameter */
export function valueOf(values: QueryValues, name: string): string {
  const value = values[name];
  if (value === undefined) throw new RangeError(`no value for the parameter ${name}`);
  return value;
}
