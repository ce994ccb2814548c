import type { CheckSpec, ColumnSpec, PartitionBySpec } from "../provider/pgddl/spec.ts";

/**
 * The nine tables of the shop, as the report of 2023 has them. Names are as unquoted SQL folds them, so that
 * its SELECTs (`SELECT * FROM OrderDetails`) run as they stand. Order: a table comes after those it references.
 */

export const databaseName = "e-commerce";
export const schemaName = "shop";

/** What has been seeded, beside the shop: a seed that was cut off goes on from there, and a check knows what to expect. */
export const seedSchemaName = "seed";

export interface CommerceForeignKey {
  readonly columns: readonly string[];
  readonly table: string;
  readonly referenced: readonly string[];
}

export interface CommerceTable {
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly ColumnSpec[];
  readonly primaryKey: readonly string[];
  readonly checks?: readonly CheckSpec[];
  readonly partitionBy?: PartitionBySpec;
  readonly foreignKeys: readonly CommerceForeignKey[];
}

const text = (name: string): ColumnSpec => ({ name, type: "text" });
const requiredText = (name: string): ColumnSpec => ({ name, type: "text", notNull: true });
const id = (name: string): ColumnSpec => ({ name, type: "serial", notNull: true });
const reference = (name: string): ColumnSpec => ({ name, type: "integer" });
const now = (name: string): ColumnSpec => ({ name, type: "timestamp", default: "CURRENT_TIMESTAMP" });
const today = (name: string): ColumnSpec => ({ name, type: "date", default: "CURRENT_DATE" });

const toUser: CommerceForeignKey = {
  columns: ["user_id", "user_registration_date"],
  table: "users",
  referenced: ["user_id", "registration_date"],
};
const toProduct: CommerceForeignKey = {
  columns: ["product_id"],
  table: "products",
  referenced: ["product_id"],
};
const toOrder: CommerceForeignKey = { columns: ["order_id"], table: "orders", referenced: ["order_id"] };

export const commerceTables: readonly CommerceTable[] = [
  {
    name: "users",
    comment: "Registered customers, partitioned by the time of registration.",
    columns: [
      id("user_id"),
      ...["username", "first_name", "last_name", "email", "password"].map(requiredText),
      text("address"),
      text("phone_number"),
      { ...now("registration_date"), notNull: true },
    ],
    primaryKey: ["user_id", "registration_date"],
    partitionBy: { strategy: "range", columns: ["registration_date"] },
    foreignKeys: [],
  },
  {
    name: "categories",
    comment: "What kinds of products there are.",
    columns: [id("category_id"), requiredText("category_name")],
    primaryKey: ["category_id"],
    foreignKeys: [],
  },
  {
    name: "products",
    comment: "What is for sale.",
    columns: [
      id("product_id"),
      requiredText("product_name"),
      text("description"),
      { name: "product_price", type: "numeric", notNull: true },
      reference("category_id"),
      { name: "product_quantity", type: "integer", default: "0" },
      today("created_at"),
      today("updated_at"),
    ],
    primaryKey: ["product_id"],
    foreignKeys: [{ columns: ["category_id"], table: "categories", referenced: ["category_id"] }],
  },
  {
    name: "orders",
    comment: "Who bought, when, and for how much.",
    columns: [
      id("order_id"),
      reference("user_id"),
      { name: "user_registration_date", type: "timestamp" },
      { name: "order_price", type: "numeric", notNull: true },
      today("order_date"),
    ],
    primaryKey: ["order_id"],
    foreignKeys: [toUser],
  },
  {
    name: "orderdetails",
    comment: "The lines of an order.",
    columns: [
      id("order_detail_id"),
      reference("order_id"),
      reference("product_id"),
      reference("quantity"),
      { name: "subtotal", type: "numeric" },
    ],
    primaryKey: ["order_detail_id"],
    foreignKeys: [toOrder, toProduct],
  },
  {
    name: "transactions",
    comment: "The payments of an order.",
    columns: [
      id("transaction_id"),
      reference("order_id"),
      now("transaction_date"),
      text("transaction_status"),
    ],
    primaryKey: ["transaction_id"],
    foreignKeys: [toOrder],
  },
  {
    name: "reviews",
    comment: "What customers say of a product.",
    columns: [
      id("review_id"),
      reference("product_id"),
      reference("user_id"),
      { name: "user_registration_date", type: "timestamp" },
      reference("rating"),
      text("review_text"),
      now("created_at"),
    ],
    primaryKey: ["review_id"],
    checks: [{ name: "reviews_rating_check", expression: "rating >= 1 AND rating <= 5" }],
    foreignKeys: [toProduct, toUser],
  },
  {
    name: "inventory",
    comment: "Stock of a product in a warehouse.",
    columns: [
      id("inventory_id"),
      reference("product_id"),
      text("warehouse_name"),
      { name: "stock_quantity", type: "integer", default: "0" },
      now("created_at"),
    ],
    primaryKey: ["inventory_id"],
    foreignKeys: [toProduct],
  },
  {
    name: "shipping",
    comment: "The delivery of an order.",
    columns: [
      id("shipping_id"),
      reference("order_id"),
      text("status"),
      now("ship_date"),
      { name: "estimated_arrival_date", type: "timestamp" },
      { name: "delivered_date", type: "timestamp" },
    ],
    primaryKey: ["shipping_id"],
    foreignKeys: [toOrder],
  },
];

/** An index for the shop's queries, beside those of the keys. */
export interface CommerceIndex {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** Columns that are stored along, so that a query need not look into the table. */
  readonly include?: readonly string[];
  /** Only these rows are indexed. */
  readonly where?: string;
}

/** Each carries a query of scripts/queries; an id closes the key where rows may be equal in all else. */
export const commerceIndexes: readonly CommerceIndex[] = [
  {
    name: "orders_order_date_idx",
    table: "orders",
    columns: ["order_date"],
    include: ["order_id", "order_price"],
  },
  {
    name: "orders_user_id_order_date_order_id_idx",
    table: "orders",
    columns: ["user_id", "order_date", "order_id"],
  },
  {
    name: "shipping_open_idx",
    table: "shipping",
    columns: ["estimated_arrival_date", "shipping_id"],
    where: "status <> 'Delivered'",
  },
  {
    name: "products_product_quantity_product_id_idx",
    table: "products",
    columns: ["product_quantity", "product_id"],
  },
  {
    name: "reviews_product_id_created_at_review_id_idx",
    table: "reviews",
    columns: ["product_id", "created_at", "review_id"],
    include: ["rating"],
  },
];

/** All indexes beside those of the primary keys. */
export const secondaryIndexes: readonly CommerceIndex[] = [
  ...commerceTables.flatMap(foreignKeyIndexes),
  ...commerceIndexes,
];

/** The notes of the seeds, in the schema of `seedSchemaName`. */
export const seedTables: readonly CommerceTable[] = [
  {
    name: "runs",
    comment: "Each seed: its plan, from which every row follows.",
    columns: [
      { name: "run_id", type: "integer", notNull: true },
      { name: "plan", type: "jsonb", notNull: true },
      { name: "began_at", type: "timestamptz", notNull: true, default: "CURRENT_TIMESTAMP" },
      { name: "finished_at", type: "timestamptz" },
    ],
    primaryKey: ["run_id"],
    foreignKeys: [],
  },
  {
    name: "ranges",
    comment: "The ranges of rows that a seed has written, each in the transaction that wrote it.",
    columns: [
      { name: "run_id", type: "integer", notNull: true },
      requiredText("table_name"),
      { name: "range_number", type: "integer", notNull: true },
      { name: "row_count", type: "integer", notNull: true },
      requiredText("sha256"),
    ],
    primaryKey: ["run_id", "table_name", "range_number"],
    foreignKeys: [],
  },
];

/** `orders_user_id_user_registration_date_fkey`: the name PostgreSQL itself would choose. */
export function foreignKeyName(table: string, key: CommerceForeignKey): string {
  return `${table}_${key.columns.join("_")}_fkey`;
}

/**
 * The indexes on a table's referencing columns, without which a delete in the referenced table scans this one. What a
 * query's index begins with needs no index of its own, which every row would have to be put into.
 */
export function foreignKeyIndexes({ name: table, foreignKeys }: CommerceTable): readonly CommerceIndex[] {
  return foreignKeys
    .filter(
      ({ columns }) => !commerceIndexes.some((index) => index.table === table && serves(index, columns)),
    )
    .map(({ columns }) => ({ name: `${table}_${columns.join("_")}_idx`, table, columns }));
}

function serves({ columns: indexed, where }: CommerceIndex, columns: readonly string[]): boolean {
  return where === undefined && columns.every((column, at) => indexed[at] === column);
}

/** @throws RangeError for a table that is not of the data model */
export function commerceTable(name: string): CommerceTable {
  const found = commerceTables.find((table) => table.name === name);
  if (!found) throw new RangeError(`no table ${name}`);
  return found;
}

/** The column that the table's sequence feeds: the first of every primary key. */
export function idColumn(table: CommerceTable): string {
  const [column] = table.primaryKey;
  if (column === undefined) throw new RangeError(`${table.name} has no primary key`);
  return column;
}
