import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { commerceTables } from "../../../../lib/commerce-model.ts";
import { zipfExponent } from "../../../../scripts/check/zipf-exponent.ts";
import { decadeStart, parseDay, secondsPerDay } from "../../../../scripts/seed/generate/dates.ts";
import { Generator } from "../../../../scripts/seed/generate/generator.ts";
import { RankOrder } from "../../../../scripts/seed/generate/rank-order.ts";
import { freshPlan, rowsPerScale, type SeedParameters } from "../../../../scripts/seed/seed-plan.ts";
import {
  allBetween,
  keyOf,
  rowsOfTables,
  secondsOf,
  tableHashes,
  type Row,
} from "../../../helpers/seed-rows.ts";

const parameters: SeedParameters = { size: { scale: 3 }, seed: 7, asOf: "2026-11-22", realistic: true };
const asOf = parseDay(parameters.asOf) ?? 0;

type Tables = ReadonlyMap<string, readonly Row[]>;

for (const size of [{ scale: 3 }, { rows: 50 }, { rows: 1 }]) {
  describe(`a shop of ${JSON.stringify(size)}`, () => {
    let tables: Tables;

    before(async () => {
      tables = await rowsOfTables(freshPlan({ ...parameters, size }));
    });
    const rows = (table: string): readonly Row[] => tables.get(table) ?? assert.fail(table);

    test("has as many rows as its size says", () => {
      for (const { name } of commerceTables.filter((table) => table.name !== "categories")) {
        const wanted = "scale" in size ? size.scale * (rowsPerScale[name] ?? 0) : size.rows;
        assert.equal(rows(name).length, wanted, name);
      }
    });

    test("has a row for every reference, with the whole of its key, and a value where one is required", () => {
      for (const { name, columns, foreignKeys } of commerceTables) {
        for (const { name: column } of columns.filter(({ notNull }) => notNull)) {
          for (const row of rows(name)) assert.ok(row[column] !== null && row[column] !== "", column);
        }
        for (const key of foreignKeys) {
          const parents = new Set(rows(key.table).map((row) => keyOf(row, key.referenced)));
          for (const row of rows(name))
            assert.ok(parents.has(keyOf(row, key.columns)), `${name} → ${key.table}`);
        }
      }
    });

    test("keeps the report's ranges", () => {
      const ranges = [
        ["products", "product_price", 5, 200],
        ["products", "product_quantity", 0, 100],
        ["orders", "order_price", 10, 1000],
        ["orderdetails", "quantity", 1, 10],
        ["orderdetails", "subtotal", 10, 100],
        ["reviews", "rating", 1, 5],
        ["inventory", "stock_quantity", 0, 1000],
      ] as const;
      for (const [table, column, least, most] of ranges) {
        allBetween(
          rows(table).map((row) => Number(row[column])),
          least,
          most,
        );
      }
      const times = (table: string, column: string): number[] =>
        rows(table).map((row) => secondsOf(row[column]));
      allBetween(times("users", "registration_date"), decadeStart(asOf), asOf);
      allBetween(times("orders", "order_date"), asOf - 365 * secondsPerDay, asOf);
      allBetween(times("transactions", "transaction_date"), asOf - 365 * secondsPerDay, asOf);
      allBetween(times("reviews", "created_at"), asOf - 365 * secondsPerDay, asOf);
      allBetween(times("inventory", "created_at"), asOf - 30 * secondsPerDay, asOf);
    });

    test("an order follows its buyer's registration, and costs what its lines cost", () => {
      const totals = new Map<unknown, number>();
      const prices = new Map(rows("products").map((row) => [row["product_id"], cents(row["product_price"])]));
      for (const row of rows("orderdetails")) {
        assert.equal(
          cents(row["subtotal"]),
          Number(row["quantity"]) * (prices.get(row["product_id"] ?? null) ?? 0),
        );
        totals.set(row["order_id"], (totals.get(row["order_id"]) ?? 0) + cents(row["subtotal"]));
      }
      for (const row of rows("orders")) {
        assert.ok(secondsOf(row["user_registration_date"]) < secondsOf(row["order_date"]));
        assert.equal(cents(row["order_price"]), totals.get(row["order_id"]));
      }
    });

    test("an order is paid, then sent, then delivered, and reviewed by its buyer after that", () => {
      const orders = new Map(rows("orders").map((row) => [row["order_id"], row]));
      const paid = new Map<unknown, number>();
      const tries = new Map<unknown, string[]>();
      for (const row of rows("transactions")) {
        const at = secondsOf(row["transaction_date"]);
        assert.ok(at >= secondsOf(orders.get(row["order_id"] ?? null)?.["order_date"]));
        if (row["transaction_status"] === "Success") paid.set(row["order_id"], at);
        tries.set(row["order_id"], [
          ...(tries.get(row["order_id"]) ?? []),
          String(row["transaction_status"]),
        ]);
      }
      for (const states of tries.values()) {
        assert.deepEqual(new Set(states.slice(0, -1)), new Set(states.length > 1 ? ["Failed"] : []));
      }
      const delivered = new Map<string, number[]>();
      const products = new Map<unknown, unknown[]>();
      for (const row of rows("orderdetails")) {
        products.set(row["order_id"], [...(products.get(row["order_id"]) ?? []), row["product_id"]]);
      }
      for (const row of rows("shipping")) {
        const [shipped, expected] = [secondsOf(row["ship_date"]), secondsOf(row["estimated_arrival_date"])];
        if (row["status"] === "Processing") assert.ok(shipped <= asOf);
        else assert.ok(shipped > (paid.get(row["order_id"]) ?? Infinity) && shipped <= asOf);
        allBetween([expected - shipped], secondsPerDay, 10 * secondsPerDay);
        assert.equal(row["delivered_date"] === null, row["status"] !== "Delivered");
        if (row["delivered_date"] === null) continue;
        const arrived = secondsOf(row["delivered_date"]);
        allBetween([arrived - expected], secondsPerDay, 5 * secondsPerDay);
        assert.ok(arrived <= asOf);
        for (const product of products.get(row["order_id"]) ?? []) {
          const key = JSON.stringify([orders.get(row["order_id"] ?? null)?.["user_id"], product]);
          delivered.set(key, [...(delivered.get(key) ?? []), arrived]);
        }
      }
      for (const row of rows("reviews")) {
        const arrivals = delivered.get(JSON.stringify([row["user_id"], row["product_id"]])) ?? [];
        assert.ok(arrivals.some((arrived) => arrived <= secondsOf(row["created_at"])));
      }
    });

    test("a product's stock is that of its warehouses together", () => {
      const stock = new Map<unknown, number>();
      for (const row of rows("inventory")) {
        stock.set(row["product_id"], (stock.get(row["product_id"]) ?? 0) + Number(row["stock_quantity"]));
      }
      for (const row of rows("products")) assert.equal(row["product_quantity"], stock.get(row["product_id"]));
    });
  });
}

describe("the shapes of a shop", () => {
  let tables: Tables;

  before(async () => {
    tables = await rowsOfTables(freshPlan({ ...parameters, size: { scale: 10 } }));
  });
  const rows = (table: string): readonly Row[] => tables.get(table) ?? assert.fail(table);

  test("products are bought by a Zipf distribution of 0.9, within 5 %", () => {
    const order = new RankOrder(1000);
    const ranks = new Map(Array.from({ length: 1000 }, (_, at) => [order.indexOf(at + 1), at + 1]));
    let logSum = 0;
    for (const row of rows("orderdetails"))
      logSum += Math.log(ranks.get(Number(row["product_id"]) - 1) ?? NaN);
    const { exponent } = zipfExponent({ draws: rows("orderdetails").length, logSum }, ranks.values());
    assert.ok(Math.abs(exponent - 0.9) < 0.045, String(exponent));
  });

  test("baskets are log-normal: half have two lines at most, one in twenty more than four", () => {
    const lines = new Map<unknown, number>();
    for (const row of rows("orderdetails")) lines.set(row["order_id"], (lines.get(row["order_id"]) ?? 0) + 1);
    const counts = [...lines.values()];
    assert.equal(counts.filter((count) => count <= 2).length, (counts.length * 39) / 64);
    assert.equal(counts.filter((count) => count > 4).length, (counts.length * 6) / 64);
  });

  test("December is busier than February, the evening than the night", () => {
    const months = rows("orders").map((row) => String(row["order_date"]).slice(5, 7));
    const hours = rows("transactions").map((row) => Number(String(row["transaction_date"]).slice(11, 13)));
    const count = <T>(values: readonly T[], ...of: readonly T[]): number =>
      values.filter((value) => of.includes(value)).length;
    assert.ok(count(months, "12") > 1.4 * count(months, "02"));
    assert.ok(count(hours, 19, 20, 21) > 5 * count(hours, 2, 3, 4));
  });

  test("states: most orders are delivered, the latest are not, and a few were never paid", () => {
    const count = (table: string, column: string, value: string): number =>
      rows(table).filter((row) => row[column] === value).length;
    assert.ok(count("shipping", "status", "Delivered") > 0.9 * rows("shipping").length);
    assert.ok(count("shipping", "status", "Shipped") > 100 && count("shipping", "status", "Processing") > 10);
    const failed = count("transactions", "transaction_status", "Failed");
    assert.ok(failed > 0.08 * rows("transactions").length && failed < 0.12 * rows("transactions").length);
    assert.ok(count("transactions", "transaction_status", "Pending") > 0);
  });
});

describe("a shop repeats", () => {
  test("these bytes stay what they are: a changed generator shows here", async () => {
    const names = ["users", "orders", "orderdetails", "reviews", "shipping"];
    const hashes = await tableHashes(freshPlan(parameters), names);
    assert.deepEqual(
      Object.fromEntries(Object.entries(hashes).map(([name, hash]) => [name, hash.slice(0, 12)])),
      {
        orderdetails: "1152e8d39d90",
        orders: "ed9d33ebbba8",
        reviews: "d57d66a60080",
        shipping: "3cc94beced5c",
        users: "43e5fee3fea5",
      },
    );
  });

  test("a row is the same whichever was made before it", async () => {
    const plan = freshPlan(parameters);
    const forwards = await rowsOfTables(plan);
    const generator = await Generator.of(plan);
    for (const [name, rows] of forwards) {
      const make = generator.table(name);
      for (const at of [rows.length - 1, Math.floor(rows.length / 2), 0, Math.floor(rows.length / 3)]) {
        assert.deepEqual([...make(at + 1)], Object.values(rows[at] ?? {}), `${name} ${at + 1}`);
      }
    }
  });
});

function cents(value: unknown): number {
  return Math.round(Number(value) * 100);
}
