import type { ClientBase } from "pg";
import { z } from "zod";
import { nothingToDraw } from "./query-parameters.ts";
import { sqlOf, valueList, type AnswerRows, type QueryValues, type ShopQuery } from "./shop-query.ts";

export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: AnswerRows;
}

/** Runs a query in the transaction that the client is in. Every value is the text that the server prints. */
export async function runQuery(
  client: ClientBase,
  query: ShopQuery,
  values: QueryValues,
): Promise<QueryAnswer> {
  // A role or a database may have a format of its own.
  await client.query("SET LOCAL datestyle TO 'ISO, YMD'");
  const { fields, rows } = await client.query<(string | null)[], string[]>({
    text: sqlOf(query),
    values: valueList(query, values),
    rowMode: "array",
    types: { getTypeParser: () => String },
  });
  return { columns: fields.map(({ name }) => name), rows };
}

/**
 * What was said, and for the rest the parameters' fallbacks.
 * @throws UserError `no-rows` where one has to come from the shop and the shop is empty
 */
export async function completeValues(
  client: ClientBase,
  query: ShopQuery,
  said: QueryValues,
): Promise<QueryValues> {
  const values: Record<string, string> = {};
  for (const parameter of query.parameters) {
    const { name, fallback } = parameter;
    values[name] = said[name] ?? ("value" in fallback ? fallback.value : await draw(client, fallback.sql));
    if (values[name] === "") throw nothingToDraw(parameter);
  }
  return values;
}

/** The one text of a statement; empty when there is none. */
async function draw(client: ClientBase, sql: string): Promise<string> {
  await client.query("SET LOCAL datestyle TO 'ISO, YMD'");
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: "array" });
  return z.string().nullish().parse(rows[0]?.[0]) ?? "";
}

/**
 * A query's plan. `isRun`: it is run for that, so that it also says which partitions were not looked into; else
 * it costs nothing.
 */
export async function explainQuery(
  client: ClientBase,
  query: ShopQuery,
  values: QueryValues,
  { isRun }: { readonly isRun: boolean },
): Promise<unknown> {
  const options = isRun ? "FORMAT JSON, VERBOSE, ANALYZE, TIMING OFF" : "FORMAT JSON, VERBOSE";
  const { rows } = await client.query<{ "QUERY PLAN": unknown }, string[]>(
    `EXPLAIN (${options}) ${sqlOf(query)}`,
    valueList(query, values),
  );
  return rows[0]?.["QUERY PLAN"];
}
