import { schemaName } from "../../lib/commerce-model.ts";
import { withClient, type Connection } from "../../lib/connection.ts";
import { readsOf } from "./judge-plan.ts";
import { completeValues, runQuery, type QueryAnswer } from "./run-query.ts";
import type { QueryValues, ShopQuery } from "./shop-query.ts";
import { readRoots, type TableRead } from "./table-reads.ts";

/** One run, with all that is told of it. */
export interface QueryRun {
  readonly query: ShopQuery;
  readonly values: QueryValues;
  readonly answer: QueryAnswer;
  readonly reads: readonly TableRead[];
}

/** Answers a query, and runs it once more to see how it is read; both of one moment. */
export async function answerQuery(
  connection: Connection,
  query: ShopQuery,
  said: QueryValues,
): Promise<QueryRun> {
  return withClient(connection, "ecosphere-query", async (client) => {
    // All in one transaction, so that it also holds behind a pooler.
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const values = await completeValues(client, query, said);
    const answer = await runQuery(client, query, values);
    const reads = await readsOf(client, query, values, await readRoots(client, schemaName));
    await client.query("ROLLBACK");
    return { query, values, answer, reads };
  });
}
