import Table from "cli-table3";
import type { QueryRun } from "./answer-query.ts";
import { describeParameters } from "./query-parameters.ts";
import type { QueryAnswer } from "./run-query.ts";
import type { ShopQuery } from "./shop-query.ts";
import { describeRead } from "./table-reads.ts";

/** Narrower than this nothing can be read. */
const narrowest = 8;
/** What a border and its spaces take from each column. */
const border = 3;

/** The answer for people: what was asked, the rows, and what the plan reads. `width`: columns of the terminal. */
export function queryAsText({ query, values, answer, reads }: QueryRun, width = Infinity): string {
  const asked = query.parameters.map(({ name }) => `--${name} ${values[name] ?? ""}`).join(" ");
  const count = answer.rows.length === 1 ? "1 row" : `${answer.rows.length} rows`;
  return [
    `${query.title}: ${asked}`,
    ...(answer.rows.length > 0 ? [rowTable(answer, width)] : []),
    count,
    `plan: ${reads.map(describeRead).join("; ")}`,
    "",
  ].join("\n");
}

/** The same for machines: one JSON document. */
export function queryAsJson({ query, values, answer, reads }: QueryRun): string {
  return JSON.stringify(
    { query: query.name, parameters: values, columns: answer.columns, rows: answer.rows, plan: reads },
    undefined,
    2,
  );
}

/** Every query with its parameters. */
export function queryList(queries: readonly ShopQuery[]): string {
  return queries
    .map((query) => [
      query.name,
      `  ${query.title}`,
      ...describeParameters(query).map((line) => `    ${line}`),
    ])
    .flatMap((lines) => [...lines, ""])
    .join("\n");
}

/** The same for machines. */
export function queryListAsJson(queries: readonly ShopQuery[]): string {
  const list = queries.map(({ name, title, parameters, columns }) => ({
    ...{ name, title, columns },
    parameters: parameters.map(({ name: parameter, kind, meaning, fallback }) => ({
      ...{ name: parameter, kind, meaning },
      default: "value" in fallback ? fallback.value : fallback.describe,
    })),
  }));
  return JSON.stringify(list, undefined, 2);
}

/** As wide as the texts are; where that is wider than the terminal, the widest columns are cut. */
function rowTable({ columns, rows }: QueryAnswer, width: number): string {
  const cells = [columns, ...rows.map((row) => row.map((value) => (value ?? "").replaceAll(/\s+/g, " ")))];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  let excess = widths.reduce((sum, each) => sum + each + border, 1) - width;
  for (; excess > 0 && Math.max(...widths) > narrowest; excess--) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  const cut = (text: string, at: number): string => {
    const most = widths[at] ?? text.length;
    return text.length > most ? `${text.slice(0, most - 1)}…` : text;
  };
  const [head = [], ...body] = cells.map((row) => row.map(cut));
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...body);
  return table.toString();
}
