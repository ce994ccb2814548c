import assert from "node:assert/strict";
import { commerceTable, commerceTables } from "../../lib/commerce-model.ts";
import type { QueryCase } from "../../scripts/queries/expected/expectations.ts";
import type { AnswerRows } from "../../scripts/queries/shop-query.ts";
import { Generator } from "../../scripts/seed/generate/generator.ts";
import { rangesOf } from "../../scripts/seed/generate/row-range.ts";
import type { SeedPlan } from "../../scripts/seed/seed-plan.ts";

/** A row by its columns, as texts; a null is left out. */
type Row = Readonly<Record<string, string>>;
export type Tables = ReadonlyMap<string, readonly Row[]>;

/** All rows of a plan. */
export async function allRows(plan: SeedPlan): Promise<Tables> {
  const generator = await Generator.of(plan);
  const tables = new Map<string, Row[]>(commerceTables.map(({ name }) => [name, []]));
  for (const range of rangesOf(plan)) {
    const { columns } = commerceTable(range.table);
    const make = generator.table(range.table);
    for (let id = range.first; id < range.first + range.count; id++) {
      const values = make(id);
      const pairs = columns.map(({ name }, at): [string, unknown] => [name, values[at] ?? null]);
      const given = pairs.filter(([, value]) => value !== null);
      tables.get(range.table)?.push(Object.fromEntries(given.map(([name, value]) => [name, String(value)])));
    }
  }
  return tables;
}

/**
 * The answers by filter, sort and slice over all rows in memory: slow and short, written from the text of each
 * query without a look at scripts/queries/expected.
 */
export function naiveAnswer(tables: Tables, { query, values }: QueryCase): AnswerRows {
  const rows = (table: string): readonly Row[] => tables.get(table) ?? [];
  const given = (name: string): string => values[name] ?? assert.fail(name);
  const limited = <T>(all: readonly T[]): readonly T[] => all.slice(0, Number(given("limit")));
  const userOf = (row: Row): string | null =>
    rows("users").find(
      (user) =>
        user["user_id"] === row["user_id"] && user["registration_date"] === row["user_registration_date"],
    )?.["username"] ?? null;
  const byId = (table: string, column: string, id: string | undefined): Row | undefined =>
    rows(table).find((row) => row[column] === id);

  switch (query.name) {
    case "customer-history": {
      const own = rows("orders").filter((row) => row["user_id"] === given("customer"));
      return limited(sorted(own, ["-order_date", "-order_id"])).map((order) => {
        const of = (table: string): Row[] =>
          rows(table).filter((row) => row["order_id"] === order["order_id"]);
        const [payment] = sorted(of("transactions"), ["-transaction_date", "-transaction_id"]);
        const [shipment] = sorted(of("shipping"), ["-ship_date", "-shipping_id"]);
        return [
          ...text(order, "order_id", "order_date", "order_price"),
          String(of("orderdetails").length),
          String(total(of("orderdetails"), "quantity")),
          payment?.["transaction_status"] ?? null,
          shipment?.["status"] ?? null,
          shipment?.["estimated_arrival_date"] ?? null,
          userOf(order),
        ];
      });
    }
    case "best-sellers": {
      const until = Date.parse(given("day"));
      const from = until - Number(given("days")) * 86_400_000;
      const recent = new Set(
        rows("orders")
          .filter(({ order_date: date = "" }) => Date.parse(date) > from && Date.parse(date) <= until)
          .map((row) => row["order_id"]),
      );
      const category = rows("categories").find((row) => row["category_name"] === given("category"));
      const sold = rows("products")
        .filter((row) => row["category_id"] === category?.["category_id"])
        .map((product) => {
          const lines = rows("orderdetails").filter(
            (row) => row["product_id"] === product["product_id"] && recent.has(row["order_id"]),
          );
          const revenue = total(lines, "subtotal").toFixed(2);
          return { ...product, lines: String(lines.length), sold: String(total(lines, "quantity")), revenue };
        })
        .filter(({ lines }) => lines !== "0");
      return limited(sorted(sold, ["-sold", "product_id"])).map((row) =>
        text(row, "product_id", "product_name", "sold", "revenue"),
      );
    }
    case "revenue-by-month": {
      const day = given("day");
      const months = Number(given("months"));
      return Array.from({ length: months }, (_, at) => {
        const [year = 0, month = 0] = day.split("-").map(Number);
        const name = new Date(Date.UTC(year, month - months + at, 1)).toISOString().slice(0, 7);
        const own = rows("orders").filter(
          ({ order_date: date = "" }) => date.startsWith(name) && date <= day,
        );
        const revenue = total(own, "order_price");
        // Away from the half by more than an addition can be wrong, and less than any true difference.
        const average = own.length === 0 ? 0 : Math.round((revenue / own.length) * 100 + 1e-7) / 100;
        return [name, String(own.length), revenue.toFixed(2), average.toFixed(2)];
      });
    }
    case "open-shipments": {
      const open = rows("shipping").filter((row) => row["status"] !== "Delivered");
      return limited(sorted(open, ["estimated_arrival_date", "shipping_id"])).map((row) => {
        const order = byId("orders", "order_id", row["order_id"]) ?? {};
        const expected = row["estimated_arrival_date"] ?? "";
        const late = (Date.parse(given("day")) - Date.parse(expected.slice(0, 10))) / 86_400_000;
        return [
          ...text(row, "shipping_id", "order_id", "status", "ship_date", "estimated_arrival_date"),
          ...[String(late), ...text(order, "order_price"), userOf(order)],
        ];
      });
    }
    case "stock-alerts": {
      const few = rows("products").filter(
        (row) => Number(row["product_quantity"]) <= Number(given("quantity")),
      );
      return limited(sorted(few, ["product_quantity", "product_id"])).map((product) => {
        const stock = rows("inventory").filter((row) => row["product_id"] === product["product_id"]);
        return [
          ...text(product, "product_id", "product_name"),
          byId("categories", "category_id", product["category_id"])?.["category_name"] ?? null,
          ...text(product, "product_quantity"),
          ...[String(stock.length), String(total(stock, "stock_quantity"))],
        ];
      });
    }
    case "product-page": {
      const product = byId("products", "product_id", given("product"));
      if (!product) return [];
      const all = rows("reviews").filter((row) => row["product_id"] === product["product_id"]);
      const stars = total(all, "rating");
      const average =
        all.length === 0 ? null : (Math.round((stars * 100) / all.length + 1e-7) / 100).toFixed(2);
      const page = [
        ...text(product, "product_name"),
        byId("categories", "category_id", product["category_id"])?.["category_name"] ?? null,
        ...[...text(product, "product_price", "product_quantity"), String(all.length), average],
      ];
      const latest = limited(sorted(all, ["-created_at", "-review_id"]));
      if (latest.length === 0) return [[...page, null, null, null, null, null]];
      return latest.map((row) => [
        ...[...page, ...text(row, "review_id", "created_at", "rating")],
        ...[userOf(row), ...text(row, "review_text")],
      ]);
    }
    default:
      return assert.fail(`no naive answer to ${query.name}`);
  }
}

/** By columns in turn, `-` before one that descends; numbers as numbers. */
function sorted<T extends Row>(rows: readonly T[], by: readonly string[]): T[] {
  return rows.toSorted((a, b) => {
    for (const key of by) {
      const column = key.replace("-", "");
      const [one, other] = [a[column] ?? "", b[column] ?? ""];
      const numbers = /^\d+$/.test(one) && /^\d+$/.test(other);
      const order = numbers ? Number(one) - Number(other) : one.localeCompare(other, "en");
      if (order !== 0) return key.startsWith("-") ? -order : order;
    }
    return 0;
  });
}

function text(row: Row, ...columns: readonly string[]): (string | null)[] {
  return columns.map((column) => row[column] ?? null);
}

function total(rows: readonly Row[], column: string): number {
  return rows.reduce((sum, row) => sum + Math.round(Number(row[column]) * 100), 0) / 100;
}
