import { faker } from "@faker-js/faker/locale/en";
import { commerceTables, schemaName, type CommerceTable } from "../../lib/commerce-model.ts";
import { qualify, quoteIdentifier } from "../../lib/identifier.ts";
import { categoryNames, rowsPerScale } from "../../scripts/seed/seed-plan.ts";

/** Rows as the report of 2023 makes them: Faker for each cell, parents drawn from all. */

export type FakerRow = readonly (string | number | Date | null)[];

export interface FakerTable {
  readonly table: CommerceTable;
  readonly count: number;
  readonly row: (id: number) => FakerRow;
}

const day = 86_400_000;

/** The nine tables of a unit of `--scale` times `scale`, in an order in which references find their rows. */
export function fakerTables(scale: number): readonly FakerTable[] {
  faker.seed(512);
  const now = new Date("2026-11-22T00:00:00Z");
  const within = (days: number): Date =>
    faker.date.between({ from: new Date(now.getTime() - days * day), to: now });
  const count = (table: string): number => Math.round((rowsPerScale[table] ?? 0) * scale);
  const anyId = (table: string): number => faker.number.int({ min: 1, max: count(table) });
  const registrations = Array.from({ length: count("users") }, () =>
    faker.date.between({ from: new Date("2020-01-01T00:00:00Z"), to: now }),
  );
  const buyer = (): readonly [number, Date] => {
    const id = anyId("users");
    return [id, registrations[id - 1] ?? now];
  };
  const makers: Readonly<Record<string, (id: number) => FakerRow>> = {
    users: (id) => [
      id,
      faker.internet.username(),
      faker.person.firstName(),
      faker.person.lastName(),
      faker.internet.email(),
      faker.internet.password(),
      `${faker.location.streetAddress()}, ${faker.location.city()}, ${faker.location.state()} ${faker.location.zipCode()}`,
      faker.phone.number(),
      registrations[id - 1] ?? now,
    ],
    categories: (id) => [id, categoryNames[id - 1] ?? ""],
    products: (id) => [
      id,
      faker.commerce.productName(),
      faker.commerce.productDescription(),
      faker.commerce.price({ min: 5, max: 200 }),
      faker.number.int({ min: 1, max: 5 }),
      faker.number.int({ min: 0, max: 100 }),
      now,
      now,
    ],
    orders: (id) => {
      const [user, registered] = buyer();
      const price = faker.commerce.price({ min: 10, max: 1000 });
      return [id, user, registered, price, faker.date.between({ from: registered, to: now })];
    },
    orderdetails: (id) => [
      id,
      anyId("orders"),
      anyId("products"),
      faker.number.int({ min: 1, max: 10 }),
      faker.commerce.price({ min: 10, max: 100 }),
    ],
    transactions: (id) => [
      id,
      anyId("orders"),
      within(365),
      faker.helpers.arrayElement(["Success", "Pending", "Failed"]),
    ],
    reviews: (id) => [
      id,
      anyId("products"),
      ...buyer(),
      faker.number.int({ min: 1, max: 5 }),
      faker.lorem.paragraph(),
      within(365),
    ],
    inventory: (id) => [
      id,
      anyId("products"),
      faker.company.name(),
      faker.number.int({ min: 0, max: 1000 }),
      within(30),
    ],
    shipping: (id) => {
      const shipped = within(30);
      const expected = new Date(shipped.getTime() + faker.number.int({ min: 1, max: 10 }) * day);
      const delivered = new Date(expected.getTime() + faker.number.int({ min: 1, max: 5 }) * day);
      const status = faker.helpers.arrayElement(["Shipped", "Processing", "Delivered"]);
      return [id, anyId("orders"), status, shipped, expected, status === "Delivered" ? delivered : null];
    },
  };
  return commerceTables.map((table) => {
    const row = makers[table.name];
    if (!row) throw new RangeError(`no maker for ${table.name}`);
    return { table, count: table.name === "categories" ? categoryNames.length : count(table.name), row };
  });
}

/** A line of COPY's text format. Faker's texts have nothing that COPY would read otherwise. */
export function copyLine(row: FakerRow): string {
  const fields = row.map((value) =>
    value instanceof Date ? value.toISOString().slice(0, 19).replace("T", " ") : (value ?? "\\N"),
  );
  return `${fields.join("\t")}\n`;
}

/** `INSERT … VALUES ($1, …), …` of so many rows. */
export function insertSql({ name, columns }: CommerceTable, rows: number): string {
  const values = Array.from({ length: rows }, (_, row) => {
    const parameters = columns.map((_column, at) => `$${row * columns.length + at + 1}`);
    return `(${parameters.join(", ")})`;
  });
  const list = columns.map((column) => quoteIdentifier(column.name)).join(", ");
  return `INSERT INTO ${qualify(schemaName, name)} (${list}) VALUES ${values.join(", ")}`;
}
