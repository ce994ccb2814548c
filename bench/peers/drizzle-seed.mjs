// Usage: node drizzle-seed.mjs '{"connection": …, "counts": {"users": 1000, …}}', in a folder with drizzle-seed,
// drizzle-orm and pg. Fills the nine tables as drizzle-seed does; prints the milliseconds that it took.
import { drizzle } from "drizzle-orm/node-postgres";
import { date, integer, numeric, pgSchema, serial, text, timestamp } from "drizzle-orm/pg-core";
import { seed } from "drizzle-seed";
import pg from "pg";

const { connection, counts } = JSON.parse(process.argv[2]);
const shop = pgSchema("shop");
const users = shop.table("users", {
  user_id: serial().primaryKey(),
  username: text().notNull(),
  first_name: text().notNull(),
  last_name: text().notNull(),
  email: text().notNull(),
  password: text().notNull(),
  address: text(),
  phone_number: text(),
  registration_date: timestamp().notNull(),
});
const products = shop.table("products", {
  product_id: serial().primaryKey(),
  product_name: text().notNull(),
  description: text(),
  product_price: numeric().notNull(),
  category_id: integer(),
  product_quantity: integer(),
  created_at: date(),
  updated_at: date(),
});
const orders = shop.table("orders", {
  order_id: serial().primaryKey(),
  user_id: integer().references(() => users.user_id),
  user_registration_date: timestamp(),
  order_price: numeric().notNull(),
  order_date: date(),
});
const orderdetails = shop.table("orderdetails", {
  order_detail_id: serial().primaryKey(),
  order_id: integer().references(() => orders.order_id),
  product_id: integer().references(() => products.product_id),
  quantity: integer(),
  subtotal: numeric(),
});
const transactions = shop.table("transactions", {
  transaction_id: serial().primaryKey(),
  order_id: integer().references(() => orders.order_id),
  transaction_date: timestamp(),
  transaction_status: text(),
});
const reviews = shop.table("reviews", {
  review_id: serial().primaryKey(),
  product_id: integer().references(() => products.product_id),
  user_id: integer().references(() => users.user_id),
  user_registration_date: timestamp(),
  rating: integer(),
  review_text: text(),
  created_at: timestamp(),
});
const inventory = shop.table("inventory", {
  inventory_id: serial().primaryKey(),
  product_id: integer().references(() => products.product_id),
  warehouse_name: text(),
  stock_quantity: integer(),
  created_at: timestamp(),
});
const shipping = shop.table("shipping", {
  shipping_id: serial().primaryKey(),
  order_id: integer().references(() => orders.order_id),
  status: text(),
  ship_date: timestamp(),
  estimated_arrival_date: timestamp(),
  delivered_date: timestamp(),
});
const schema = { users, products, orders, orderdetails, transactions, reviews, inventory, shipping };

// It cannot fill a key of two columns, so the keys are not checked.
const pool = new pg.Pool({ ...connection, options: "-c session_replication_role=replica" });
const began = performance.now();
await seed(drizzle(pool, { schema }), schema, { seed: 512 }).refine((f) => ({
  users: {
    count: counts.users,
    columns: {
      first_name: f.firstName(),
      last_name: f.lastName(),
      email: f.email(),
      address: f.streetAddress(),
      phone_number: f.phoneNumber({ template: "(###) ###-####" }),
      registration_date: f.timestamp({ minDate: "2020-01-01", maxDate: "2026-11-22" }),
    },
  },
  products: {
    count: counts.products,
    columns: {
      description: f.loremIpsum(),
      product_price: f.number({ minValue: 5, maxValue: 200, precision: 100 }),
      category_id: f.int({ minValue: 1, maxValue: 5 }),
      product_quantity: f.int({ minValue: 0, maxValue: 100 }),
    },
  },
  orders: {
    count: counts.orders,
    columns: { order_price: f.number({ minValue: 10, maxValue: 1000, precision: 100 }) },
  },
  orderdetails: {
    count: counts.orderdetails,
    columns: {
      quantity: f.int({ minValue: 1, maxValue: 10 }),
      subtotal: f.number({ minValue: 10, maxValue: 100, precision: 100 }),
    },
  },
  transactions: {
    count: counts.transactions,
    columns: { transaction_status: f.valuesFromArray({ values: ["Success", "Pending", "Failed"] }) },
  },
  reviews: {
    count: counts.reviews,
    columns: { rating: f.int({ minValue: 1, maxValue: 5 }), review_text: f.loremIpsum() },
  },
  inventory: {
    count: counts.inventory,
    columns: { warehouse_name: f.companyName(), stock_quantity: f.int({ minValue: 0, maxValue: 1000 }) },
  },
  shipping: {
    count: counts.shipping,
    columns: { status: f.valuesFromArray({ values: ["Shipped", "Processing", "Delivered"] }) },
  },
}));
process.stdout.write(`${performance.now() - began}\n`);
await pool.end();
