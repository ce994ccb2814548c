import { commerceTables, idColumn, schemaName } from "../../lib/commerce-model.ts";
import { qualify, quoteIdentifier } from "../../lib/identifier.ts";
import { idBlock, type SeedPlan } from "../seed/seed-plan.ts";

/** What must not occur in a shop: each counts rows that break the rule in its name. */
export function shopRules(plan: SeedPlan): Readonly<Record<string, string>> {
  const [users, orders, lines, payments, reviews, products, inventory, shipments] = [
    "users",
    "orders",
    "orderdetails",
    "transactions",
    "reviews",
    "products",
    "inventory",
    "shipping",
  ].map((table) => rowsOf(plan, table));
  return {
    "an order comes before its buyer registered": `
      SELECT count(*) FROM ${orders} o JOIN ${users} u USING (user_id) WHERE o.order_date < u.registration_date::date`,
    "an order's price is not that of its lines": `
      SELECT count(*) FROM ${orders} o LEFT JOIN (SELECT order_id, sum(subtotal) AS total FROM ${lines} l GROUP BY order_id) l
      USING (order_id) WHERE o.order_price IS DISTINCT FROM l.total`,
    "a line is not worth its quantity of the product": `
      SELECT count(*) FROM ${lines} l JOIN ${products} p USING (product_id) WHERE l.subtotal <> l.quantity * p.product_price`,
    "a product's stock is not that of its warehouses": `
      SELECT count(*) FROM ${products} p LEFT JOIN (SELECT product_id, sum(stock_quantity) AS total FROM ${inventory} i GROUP BY product_id) i
      USING (product_id) WHERE p.product_quantity IS DISTINCT FROM i.total`,
    "a payment comes before its order": `
      SELECT count(*) FROM ${payments} t JOIN ${orders} o USING (order_id) WHERE t.transaction_date < o.order_date`,
    "a payment follows one that was through": `
      SELECT count(*) FROM (SELECT transaction_status, lag(transaction_status) OVER payments AS before FROM ${payments} t
      WINDOW payments AS (PARTITION BY order_id ORDER BY transaction_date, transaction_id)) t WHERE before <> 'Failed'`,
    "something was sent before it was paid": `
      SELECT count(*) FROM ${shipments} s WHERE s.status <> 'Processing' AND NOT EXISTS (SELECT FROM ${payments} t
      WHERE t.order_id = s.order_id AND t.transaction_status = 'Success' AND t.transaction_date < s.ship_date)`,
    "a delivery is out of order": `
      SELECT count(*) FROM ${shipments} s WHERE s.estimated_arrival_date <= s.ship_date
      OR s.delivered_date <= s.estimated_arrival_date OR (s.status = 'Delivered') <> (s.delivered_date IS NOT NULL)`,
    "a review comes before a delivery of the product to its writer": `
      SELECT count(*) FROM ${reviews} r WHERE NOT EXISTS (SELECT FROM ${orders} o JOIN ${lines} l USING (order_id)
      JOIN ${shipments} s USING (order_id) WHERE o.user_id = r.user_id AND l.product_id = r.product_id AND s.delivered_date <= r.created_at)`,
  };
}

/**
 * How often the ranks of a table's parents were drawn: a count, and the sum of the ranks' logarithms. The rank of an
 * index is 1 + (index × $2) mod $3, the index counted from the id $1; parents from the index $4 on are left out.
 */
export function rankSampleSql(plan: SeedPlan, table: string, column: string): string {
  return `
    SELECT count(*)::float8 AS draws, coalesce(sum(ln(1 + ((${column} - $1::bigint) * $2::bigint) % $3::bigint)), 0)::float8 AS "logSum"
    FROM ${rowsOf(plan, table)} t WHERE ${column} - $1::bigint < $4::bigint`;
}

/** The plan's rows of a table, under the table's own first column's bounds; use it as a table. */
function rowsOf(plan: SeedPlan, table: string): string {
  const { first, count } = idBlock(plan, table);
  const model = commerceTables.find(({ name }) => name === table);
  if (!model) throw new RangeError(`no table ${table}`);
  return `(SELECT * FROM ${qualify(schemaName, table)} WHERE ${quoteIdentifier(idColumn(model))} BETWEEN ${first} AND ${first + count - 1})`;
}
