import type { ExpectedRead, QueryParameter, ShopQuery } from "./shop-query.ts";

const customer: QueryParameter = {
  name: "customer",
  kind: "id",
  meaning: "the user_id of a customer",
  fallback: {
    sql: "SELECT user_id::text FROM shop.orders ORDER BY order_date DESC, order_id DESC LIMIT 1",
    describe: "who ordered last",
  },
};
const product: QueryParameter = {
  name: "product",
  kind: "id",
  meaning: "a product_id",
  fallback: {
    sql: "SELECT product_id::text FROM shop.reviews ORDER BY review_id DESC LIMIT 1",
    describe: "that of the last review",
  },
};
const day: QueryParameter = {
  name: "day",
  kind: "day",
  meaning: "the day from which to look back",
  fallback: { sql: "SELECT max(order_date)::text FROM shop.orders", describe: "that of the newest order" },
};
const category: QueryParameter = {
  name: "category",
  kind: "text",
  meaning: "a category_name",
  fallback: { value: "Electronics" },
};
const quantity: QueryParameter = {
  name: "quantity",
  kind: "quantity",
  meaning: "so many or fewer are left",
  fallback: { value: "5" },
};
const count = (name: string, meaning: string, usual: number): QueryParameter => ({
  name,
  kind: "count",
  meaning,
  fallback: { value: String(usual) },
});

/** For the one row of a user, by both columns of the key: the second one says in which partition it is. */
const userByKey: ExpectedRead = { table: "users", by: ["users_pkey"], isPruned: true };

/** The queries of a shop, each in the file of its name. A new one needs its file, and its answer in expected/. */
export const shopQueries: readonly ShopQuery[] = [
  {
    name: "customer-history",
    title: "The latest orders of a customer, paid or not, and where they are",
    parameters: [customer, count("limit", "orders at most", 20)],
    columns: [
      ...["order_id", "order_date", "order_price", "lines", "items"],
      ...["payment", "shipment", "expected", "customer"],
    ],
    reads: [
      // The first finds the latest of many; of a few, all are read, for which the foreign key's is as good.
      {
        table: "orders",
        by: ["orders_user_id_order_date_order_id_idx", "orders_user_id_user_registration_date_idx"],
      },
      { table: "orderdetails", by: ["orderdetails_order_id_idx"] },
      { table: "transactions", by: ["transactions_order_id_idx"] },
      { table: "shipping", by: ["shipping_order_id_idx"] },
      userByKey,
    ],
  },
  {
    name: "best-sellers",
    title: "What sold best in a category during the last days",
    parameters: [category, day, count("days", "so many days", 30), count("limit", "products at most", 10)],
    columns: ["product_id", "product_name", "sold", "revenue"],
    // A month has so many lines that reading all of orderdetails at once can be the best way.
    reads: [{ table: "orders", by: ["orders_order_date_idx"] }],
  },
  {
    name: "revenue-by-month",
    title: "Orders and revenue of the last months",
    parameters: [day, count("months", "so many months", 12)],
    columns: ["month", "orders", "revenue", "average"],
    reads: [{ table: "orders", by: ["orders_order_date_idx"] }],
  },
  {
    name: "open-shipments",
    title: "What is not delivered yet, the longest overdue first",
    parameters: [day, count("limit", "shipments at most", 20)],
    columns: [
      ...["shipping_id", "order_id", "status", "ship_date"],
      ...["expected", "days_late", "order_price", "customer"],
    ],
    reads: [
      { table: "shipping", by: ["shipping_open_idx"] },
      { table: "orders", by: ["orders_pkey"] },
      userByKey,
    ],
  },
  {
    name: "stock-alerts",
    title: "Products of which hardly any are left, and what the warehouses say of them",
    parameters: [quantity, count("limit", "products at most", 20)],
    columns: [
      ...["product_id", "product_name", "category"],
      ...["product_quantity", "warehouses", "in_warehouses"],
    ],
    reads: [
      { table: "products", by: ["products_product_quantity_product_id_idx"] },
      { table: "inventory", by: ["inventory_product_id_idx"] },
    ],
  },
  {
    name: "product-page",
    title: "A product with its latest reviews",
    parameters: [product, count("limit", "reviews at most", 10)],
    columns: [
      ...["product_name", "category", "product_price", "product_quantity", "reviews", "average"],
      ...["review_id", "reviewed", "rating", "reviewer", "review_text"],
    ],
    reads: [
      { table: "products", by: ["products_pkey"] },
      // The same holds for a product's reviews.
      { table: "reviews", by: ["reviews_product_id_created_at_review_id_idx"] },
      userByKey,
    ],
  },
];
