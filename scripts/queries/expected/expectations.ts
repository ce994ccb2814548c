import { Generator } from "../../seed/generate/generator.ts";
import type { SeedPlan } from "../../seed/seed-plan.ts";
import type { AnswerRows, QueryValues, ShopQuery } from "../shop-query.ts";
import { bestSellers } from "./best-sellers.ts";
import { customerHistory } from "./customer-history.ts";
import { rowLookup, showRows, type MakeExpectation } from "./expectation.ts";
import { openShipments } from "./open-shipments.ts";
import { productPage } from "./product-page.ts";
import { revenueByMonth } from "./revenue-by-month.ts";
import { stockAlerts } from "./stock-alerts.ts";

/** For each query of the shop, by its name; a unit test compares the two. */
export const expectations: Readonly<Record<string, MakeExpectation>> = {
  "customer-history": customerHistory,
  "best-sellers": bestSellers,
  "revenue-by-month": revenueByMonth,
  "open-shipments": openShipments,
  "stock-alerts": stockAlerts,
  "product-page": productPage,
};

/** One run of a query. */
export interface QueryCase {
  readonly query: ShopQuery;
  readonly values: QueryValues;
}

/**
 * What each case answers when the database holds the rows of this plan and no others: computed from the rows
 * alone, in one pass over the tables that the cases need.
 */
export async function expectedAnswers(
  plan: SeedPlan,
  cases: readonly QueryCase[],
  generator?: Generator,
  signal?: AbortSignal,
): Promise<AnswerRows[]> {
  const rows = generator ?? (await Generator.of(plan));
  const rowOf = rowLookup(plan, rows);
  const made = cases.map(({ query, values }) => {
    const make = expectations[query.name];
    if (!make) throw new RangeError(`nothing says what ${query.name} should answer`);
    return make({ plan, values, rowOf });
  });
  await showRows(plan, rows, made, signal);
  return made.map((each) => each.rows());
}
