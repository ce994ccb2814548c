import type { Generator } from "../seed/generate/generator.ts";
import { categoryNames, idBlock, type SeedPlan } from "../seed/seed-plan.ts";
import { showRows, type RowObserver } from "./expected/expectation.ts";
import type { QueryCase } from "./expected/expectations.ts";
import { columnOf } from "./expected/row-values.ts";
import { shopQueries } from "./shop-queries.ts";
import type { QueryParameter, QueryValues, ShopQuery } from "./shop-query.ts";

/**
 * Runs of every query, with values that the plan's rows have: the busiest customer, any one and one who never
 * ordered, the same of products and their reviews, two categories, and the day of the newest order.
 */
export async function casesOf(
  plan: SeedPlan,
  generator: Generator,
  signal?: AbortSignal,
): Promise<QueryCase[]> {
  const customers = counter(plan, "users", "orders", "user_id");
  const products = counter(plan, "products", "reviews", "product_id");
  const day = newestDay();
  await showRows(plan, generator, [customers, products, day], signal);
  const drawn: Readonly<Record<string, readonly string[]>> = {
    customer: customers.ids(),
    product: products.ids(),
    category: [categoryNames[0] ?? "", categoryNames[1 + (plan.seed % (categoryNames.length - 1))] ?? ""],
    day: [day.newest()],
  };
  return shopQueries.flatMap((query) => combinations(query, drawn).map((values) => ({ query, values })));
}

/** `customer-history --customer 7 --limit 20`. */
export function describeCase({ query, values }: QueryCase): string {
  const options = query.parameters.map(({ name }) => `--${name} ${values[name] ?? "?"}`);
  return [query.name, ...options].join(" ");
}

/** Each value of the one parameter of a query that has several. */
function combinations(query: ShopQuery, drawn: Readonly<Record<string, readonly string[]>>): QueryValues[] {
  const usual = ({ fallback }: QueryParameter): string => ("value" in fallback ? fallback.value : "");
  return query.parameters.reduce<QueryValues[]>(
    (all, parameter) =>
      all.flatMap((values) =>
        (drawn[parameter.name] ?? [usual(parameter)]).map((value) => ({
          ...values,
          [parameter.name]: value,
        })),
      ),
    [{}],
  );
}

/** Counts how often each row of one table is referred to: four bytes for each. */
function counter(
  plan: SeedPlan,
  table: string,
  by: string,
  column: string,
): RowObserver & { ids(): string[] } {
  const { first, count } = idBlock(plan, table);
  const counts = new Uint32Array(count);
  const reference = columnOf(by, column);
  return {
    see: {
      [by]: (row) => {
        const at = reference.number(row) - first;
        counts[at] = (counts[at] ?? 0) + 1;
      },
    },
    /** Of the one that is referred to most often, of any one, and of one that never is. */
    ids: () => {
      let busiest = 0;
      for (const [at, times] of counts.entries()) if (times > (counts[busiest] ?? 0)) busiest = at;
      const places = new Set([busiest, plan.seed % count, counts.indexOf(0)]);
      places.delete(-1);
      return [...places].map((at) => String(first + at));
    },
  };
}

function newestDay(): RowObserver & { newest(): string } {
  const date = columnOf("orders", "order_date");
  let newest = "";
  return {
    see: {
      orders: (row) => {
        const day = date.text(row) ?? "";
        if (day > newest) newest = day;
      },
    },
    newest: () => newest,
  };
}
