import { connectionTo } from "../../lib/stack-outputs.ts";
import { ensurePulumi } from "../../toolchain/toolchain.ts";
import { answerQuery } from "../queries/answer-query.ts";
import { queryAsJson, queryAsText, queryList, queryListAsJson } from "../queries/print-query.ts";
import { findQuery, parseParameters } from "../queries/query-parameters.ts";
import { shopQueries } from "../queries/shop-queries.ts";
import { readOutputs } from "../stack/stack-state.ts";

/**
 * `./ecosphere query [NAME] [--PARAMETER VALUE …]`: without a name the queries there are, else the answer of one,
 * from a replica. Returns the exit code.
 * @param args the parameters as they were typed
 */
export async function queryCommand(
  stack: string,
  name: string | undefined,
  args: readonly string[],
  json: boolean,
): Promise<number> {
  const { stdout } = process;
  if (name === undefined) {
    stdout.write(`${json ? queryListAsJson(shopQueries) : queryList(shopQueries)}\n`);
    return 0;
  }
  const query = findQuery(name);
  const said = parseParameters(query, args);
  await ensurePulumi();
  const outputs = await readOutputs(stack);
  const run = await answerQuery(connectionTo(outputs, "ro", "reporting"), query, said);
  stdout.write(json ? `${queryAsJson(run)}\n` : queryAsText(run, stdout.isTTY ? stdout.columns : undefined));
  return 0;
}
