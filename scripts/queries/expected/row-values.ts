import { commerceTable } from "../../../lib/commerce-model.ts";
import type { GeneratedRow } from "./expectation.ts";

/** Reads one column: found once by its name, then by its place. */
interface Column {
  /** As the server would print it. */
  text(row: GeneratedRow): string | null;
  /** A whole number. */
  number(row: GeneratedRow): number;
  /** An amount in cents. */
  cents(row: GeneratedRow): number;
}

/** @throws RangeError for a table or a column that is not of the data model */
export function columnOf(table: string, column: string): Column {
  const columns = commerceTable(table).columns;
  const at = columns.findIndex(({ name }) => name === column);
  if (at < 0) throw new RangeError(`the data model has no column ${table}.${column}`);
  return {
    text: (row) => {
      const value = row[at] ?? null;
      return value === null ? null : String(value);
    },
    number: (row) => Number(row[at]),
    cents: (row) => Math.round(Number(row[at]) * 100),
  };
}

/** Cents as the server prints an amount: `1250` is `12.50`. */
export function amount(cents: number): string {
  const digits = String(cents).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** `round(sum / count, 2)` of hundredths, none of them below 0: halves go up, as for a numeric. */
export function average(hundredths: number, count: number): string {
  return amount(Math.floor((2 * hundredths + count) / (2 * count)));
}

/** Days since 1970 of a date, or of the date of a timestamp. */
export function dayNumber(text: string): number {
  return Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / 86_400_000;
}

/** `2026-11-22` of such a number. */
export function dayOf(number: number): string {
  return new Date(number * 86_400_000).toISOString().slice(0, 10);
}
