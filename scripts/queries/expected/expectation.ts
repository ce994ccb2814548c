import { setImmediate } from "node:timers/promises";
import { commerceTables } from "../../../lib/commerce-model.ts";
import { Generator } from "../../seed/generate/generator.ts";
import type { RowValue } from "../../seed/generate/row-values.ts";
import { idBlock, type SeedPlan } from "../../seed/seed-plan.ts";
import type { AnswerRows, QueryValues } from "../shop-query.ts";

/** A generated row, its values in the order of the table's columns. */
export type GeneratedRow = readonly RowValue[];

/**
 * The answer to a query as it follows from the rows alone. It sees every row of the tables that it names, table
 * after table in the order of the data model, and keeps no more of them than the answer needs.
 */
export interface Expectation {
  readonly see: Readonly<Record<string, (row: GeneratedRow) => void>>;
  rows(): AnswerRows;
}

/** What an expectation is made from. */
export interface ExpectationContext {
  readonly plan: SeedPlan;
  readonly values: QueryValues;
  /** Any single row by its id; undefined when the plan has none. */
  readonly rowOf: (table: string, id: number) => GeneratedRow | undefined;
}

export type MakeExpectation = (context: ExpectationContext) => Expectation;

/** What sees rows: an expectation, or whoever draws parameters from them. */
export type RowObserver = Pick<Expectation, "see">;

/** So many rows, then others may go on: checks run beside one another in one process. */
const rowsAtOnce = 5000;

/** Any row of a plan by its id. */
export function rowLookup(plan: SeedPlan, generator: Generator): ExpectationContext["rowOf"] {
  return (table, id) => {
    const { first, count } = idBlock(plan, table);
    return id >= first && id < first + count ? generator.table(table)(id) : undefined;
  };
}

/**
 * Shows the rows of a plan to all observers: each table that somebody wants once, and no row is kept.
 * @throws AbortError when `signal` says that nobody wants them any more
 */
export async function showRows(
  plan: SeedPlan,
  generator: Generator,
  observers: readonly RowObserver[],
  signal?: AbortSignal,
): Promise<void> {
  for (const { name } of commerceTables) {
    const wanted = observers.map(({ see }) => see[name]).filter((see) => see !== undefined);
    if (wanted.length === 0) continue;
    const make = generator.table(name);
    const { first, count } = idBlock(plan, name);
    for (let id = first; id < first + count; id++) {
      const row = make(id);
      for (const see of wanted) see(row);
      if (id % rowsAtOnce === 0) await setImmediate(undefined, signal ? { signal } : {});
    }
  }
}
