import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { commerceTables } from "../../../../lib/commerce-model.ts";
import { decadeStart, parseDay } from "../../../../scripts/seed/generate/dates.ts";
import { appendPlan, freshPlan, idBlock, type SeedParameters } from "../../../../scripts/seed/seed-plan.ts";
import {
  allBetween,
  keyOf,
  rowsOfTable,
  rowsOfTables,
  secondsOf,
  tableHashes,
  type Row,
} from "../../../helpers/seed-rows.ts";

const parameters: SeedParameters = { size: { rows: 400 }, seed: 7, asOf: "2026-11-22", realistic: false };
const asOf = parseDay(parameters.asOf) ?? 0;
const day = 86_400;

let tables: ReadonlyMap<string, readonly Row[]>;

before(async () => {
  tables = await rowsOfTables(freshPlan(parameters));
});

describe("the rows of independent draws", () => {
  test("ids count from 1 without a gap", () => {
    for (const { name, primaryKey } of commerceTables) {
      const ids = rows(name).map((row) => row[primaryKey[0] ?? ""]);
      assert.deepEqual(
        ids,
        ids.map((_, index) => index + 1),
        name,
      );
    }
  });

  test("every value that a column requires is there", () => {
    for (const { name, columns } of commerceTables) {
      const required = columns.filter(({ notNull }) => notNull);
      for (const row of rows(name)) {
        for (const column of required) {
          assert.ok(row[column.name] !== null && row[column.name] !== "", `${name}.${column.name}`);
        }
      }
    }
  });

  test("every reference points at a row, with the whole of its key", () => {
    for (const { name, foreignKeys } of commerceTables) {
      for (const key of foreignKeys) {
        const parents = new Set(rows(key.table).map((row) => keyOf(row, key.referenced)));
        for (const row of rows(name))
          assert.ok(parents.has(keyOf(row, key.columns)), `${name} → ${key.table}`);
      }
    }
  });

  test("users registered within the decade and not after the reference day; some early, some late", () => {
    const times = rows("users").map((row) => secondsOf(row["registration_date"]));
    allBetween(times, decadeStart(asOf), asOf);
    assert.ok(Math.min(...times) < asOf - 6 * 365 * day);
    assert.ok(Math.max(...times) > asOf - 365 * day);
  });

  test("passwords are salted hashes, not readable", () => {
    for (const row of rows("users")) {
      assert.match(String(row["password"]), /^\$scrypt\$ln=10,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    }
    assert.ok(new Set(rows("users").map((row) => row["password"])).size > 1);
  });

  test("the categories are the five, in their order", () => {
    assert.deepEqual(
      rows("categories").map((row) => row["category_name"]),
      ["Electronics", "Clothing", "Books", "Home & Garden", "Sports & Outdoors"],
    );
  });

  test("amounts lie in their ranges, with two decimals", () => {
    const ranges = [
      ["products", "product_price", 5, 200],
      ["orders", "order_price", 10, 1000],
      ["orderdetails", "subtotal", 10, 100],
    ] as const;
    for (const [table, column, min, max] of ranges) {
      for (const row of rows(table)) assert.match(String(row[column]), /^\d+\.\d\d$/);
      allBetween(numbers(table, column), min, max);
    }
  });

  test("counts reach both ends of their ranges and no further", () => {
    const ranges = [
      ["orderdetails", "quantity", 1, 10],
      ["reviews", "rating", 1, 5],
    ] as const;
    for (const [table, column, min, max] of ranges) {
      const values = numbers(table, column);
      assert.equal(Math.min(...values), min);
      assert.equal(Math.max(...values), max);
    }
    allBetween(numbers("products", "product_quantity"), 0, 100);
    allBetween(numbers("inventory", "stock_quantity"), 0, 1000);
  });

  test("an order lies between its buyer's registration and the reference day", () => {
    for (const row of rows("orders")) {
      const registered = String(row["user_registration_date"]).slice(0, 10);
      assert.ok(String(row["order_date"]) >= registered && String(row["order_date"]) <= parameters.asOf);
    }
  });

  test("what happened lately did so within its window", () => {
    const windows = [
      ["transactions", "transaction_date", 365],
      ["reviews", "created_at", 365],
      ["inventory", "created_at", 30],
      ["shipping", "ship_date", 30],
    ] as const;
    for (const [table, column, days] of windows) {
      const times = rows(table).map((row) => secondsOf(row[column]));
      allBetween(times, asOf - days * day, asOf);
      assert.ok(Math.max(...times) - Math.min(...times) > (days * day) / 2, `${table} uses its window`);
    }
  });

  test("states are of the known ones, and each occurs", () => {
    const states = (table: string, column: string): Row[string][] =>
      [...new Set(rows(table).map((row) => row[column] ?? null))].sort();
    assert.deepEqual(states("transactions", "transaction_status"), ["Failed", "Pending", "Success"]);
    assert.deepEqual(states("shipping", "status"), ["Delivered", "Processing", "Shipped"]);
  });

  test("a delivery is expected 1 to 10 days after shipping, and made 1 to 5 days later only when delivered", () => {
    for (const row of rows("shipping")) {
      const expected = secondsOf(row["estimated_arrival_date"]);
      allBetween([expected - secondsOf(row["ship_date"])], day, 10 * day);
      assert.equal(row["delivered_date"] === null, row["status"] !== "Delivered");
      const delivered = row["delivered_date"];
      if (delivered !== null) allBetween([secondsOf(delivered) - expected], day, 5 * day);
    }
  });
});

describe("a seed repeats", () => {
  test("the same parameters give the same bytes, whatever order the tables are made in", async () => {
    const plan = freshPlan(parameters);
    const forwards = await tableHashes(
      plan,
      commerceTables.map(({ name }) => name),
    );
    const backwards = await tableHashes(plan, commerceTables.map(({ name }) => name).reverse());
    assert.deepEqual(forwards, backwards);
  });

  test("these bytes stay what they are: a changed generator shows here", async () => {
    const { users, shipping } = await tableHashes(
      freshPlan({ ...parameters, size: { rows: 50 }, seed: 512 }),
      ["users", "shipping"],
    );
    assert.equal(users?.slice(0, 16), "9ebc2e6c894616c8");
    assert.equal(shipping?.slice(0, 16), "924146095a4973b7");
  });

  const changes: [string, SeedParameters, string[]][] = [
    ["another seed", { ...parameters, seed: 8 }, ["categories"]],
    ["another day", { ...parameters, asOf: "2026-11-21" }, ["categories", "orderdetails"]],
  ];
  for (const [what, changed, timeless] of changes) {
    test(`${what} gives other rows, except in ${timeless.join(" and ")}`, async () => {
      const names = commerceTables.map(({ name }) => name).filter((name) => !timeless.includes(name));
      const [one, other] = [
        await tableHashes(freshPlan(parameters), names),
        await tableHashes(freshPlan(changed), names),
      ];
      for (const name of names) assert.notEqual(one[name], other[name], name);
    });
  }
});

describe("an appended seed", () => {
  test("begins at the free ids, refers to its own rows, and keeps the categories", async () => {
    const firstIds = { users: 101, products: 31, orders: 51 };
    const plan = appendPlan({ ...parameters, size: { rows: 20 } }, firstIds, [3, 9]);
    assert.equal(idBlock(plan, "categories").count, 0);
    for (const row of await rowsOfTable(plan, "orders")) allBetween([Number(row["user_id"])], 101, 120);
    for (const row of await rowsOfTable(plan, "products"))
      assert.ok([3, 9].includes(Number(row["category_id"])));
  });

  test("brings the categories along when there are none", async () => {
    const plan = appendPlan(parameters, { categories: 11 }, []);
    const categories = await rowsOfTable(plan, "categories");
    assert.deepEqual(
      categories.map((row) => row["category_id"]),
      [11, 12, 13, 14, 15],
    );
    assert.equal(categories[0]?.["category_name"], "Electronics");
  });
});

function rows(table: string): readonly Row[] {
  const found = tables.get(table) ?? [];
  assert.ok(found.length > 0, table);
  return found;
}

function numbers(table: string, column: string): number[] {
  return rows(table).map((row) => Number(row[column]));
}
