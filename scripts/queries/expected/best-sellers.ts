import { idBlock } from "../../seed/seed-plan.ts";
import { valueOf } from "../shop-query.ts";
import type { MakeExpectation } from "./expectation.ts";
import { FirstRows } from "./first-rows.ts";
import { amount, columnOf, dayNumber, dayOf } from "./row-values.ts";

const categories = {
  id: columnOf("categories", "category_id"),
  name: columnOf("categories", "category_name"),
};
const products = {
  id: columnOf("products", "product_id"),
  name: columnOf("products", "product_name"),
  category: columnOf("products", "category_id"),
};
const orders = { id: columnOf("orders", "order_id"), date: columnOf("orders", "order_date") };
const lines = {
  order: columnOf("orderdetails", "order_id"),
  product: columnOf("orderdetails", "product_id"),
  quantity: columnOf("orderdetails", "quantity"),
  subtotal: columnOf("orderdetails", "subtotal"),
};

/** A byte for each order and a few numbers for each product is all that is kept. */
export const bestSellers: MakeExpectation = ({ plan, values, rowOf }) => {
  const until = valueOf(values, "day");
  const after = dayOf(dayNumber(until) - Number(valueOf(values, "days")));
  const category = valueOf(values, "category");
  const productIds = idBlock(plan, "products");
  const orderIds = idBlock(plan, "orders");
  const ids = new Set<number>();
  const isWanted = new Uint8Array(productIds.count);
  const isRecent = new Uint8Array(orderIds.count);
  const soldLines = new Uint32Array(productIds.count);
  const items = new Float64Array(productIds.count);
  const cents = new Float64Array(productIds.count);
  return {
    see: {
      categories: (row) => {
        if (categories.name.text(row) === category) ids.add(categories.id.number(row));
      },
      products: (row) => {
        if (ids.has(products.category.number(row))) isWanted[products.id.number(row) - productIds.first] = 1;
      },
      orders: (row) => {
        const date = orders.date.text(row) ?? "";
        if (date > after && date <= until) isRecent[orders.id.number(row) - orderIds.first] = 1;
      },
      orderdetails: (row) => {
        if (isRecent[lines.order.number(row) - orderIds.first] !== 1) return;
        const at = lines.product.number(row) - productIds.first;
        if (isWanted[at] !== 1) return;
        soldLines[at] = (soldLines[at] ?? 0) + 1;
        items[at] = (items[at] ?? 0) + lines.quantity.number(row);
        cents[at] = (cents[at] ?? 0) + lines.subtotal.cents(row);
      },
    },
    rows: () => {
      const best = new FirstRows<{ readonly at: number; readonly sold: number }>(
        Number(valueOf(values, "limit")),
        (a, b) => b.sold - a.sold || a.at - b.at,
      );
      for (const [at, count] of soldLines.entries()) if (count > 0) best.offer({ at, sold: items[at] ?? 0 });
      return best.rows.map(({ at, sold }) => {
        const id = productIds.first + at;
        const product = rowOf("products", id);
        return [
          String(id),
          product ? products.name.text(product) : null,
          String(sold),
          amount(cents[at] ?? 0),
        ];
      });
    },
  };
};
