import { valueOf } from "../shop-query.ts";
import type { GeneratedRow, MakeExpectation } from "./expectation.ts";
import { FirstRows } from "./first-rows.ts";
import { columnOf } from "./row-values.ts";

const products = {
  id: columnOf("products", "product_id"),
  name: columnOf("products", "product_name"),
  category: columnOf("products", "category_id"),
  quantity: columnOf("products", "product_quantity"),
};
const categories = {
  id: columnOf("categories", "category_id"),
  name: columnOf("categories", "category_name"),
};
const inventory = {
  product: columnOf("inventory", "product_id"),
  stock: columnOf("inventory", "stock_quantity"),
};

interface Scarce {
  readonly id: number;
  readonly quantity: number;
  readonly row: GeneratedRow;
}

/** The products come before the inventory: by then it is known which ones are scarce. */
export const stockAlerts: MakeExpectation = ({ values }) => {
  const most = Number(valueOf(values, "quantity"));
  const scarcest = new FirstRows<Scarce>(
    Number(valueOf(values, "limit")),
    (a, b) => a.quantity - b.quantity || a.id - b.id,
  );
  const names = new Map<number, string | null>();
  let stocks: Map<number, { warehouses: number; items: number }> | undefined;
  const stockOf = (product: number): { warehouses: number; items: number } | undefined => {
    stocks ??= new Map(scarcest.rows.map(({ id }) => [id, { warehouses: 0, items: 0 }]));
    return stocks.get(product);
  };
  return {
    see: {
      categories: (row) => {
        names.set(categories.id.number(row), categories.name.text(row));
      },
      products: (row) => {
        const quantity = products.quantity.number(row);
        if (quantity <= most) scarcest.offer({ id: products.id.number(row), quantity, row });
      },
      inventory: (row) => {
        const stock = stockOf(inventory.product.number(row));
        if (!stock) return;
        stock.warehouses++;
        stock.items += inventory.stock.number(row);
      },
    },
    rows: () =>
      scarcest.rows.map(({ id, quantity, row }) => {
        const stock = stockOf(id);
        return [
          String(id),
          products.name.text(row),
          names.get(products.category.number(row)) ?? null,
          String(quantity),
          String(stock?.warehouses ?? 0),
          String(stock?.items ?? 0),
        ];
      }),
  };
};
