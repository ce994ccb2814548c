import assert from "node:assert/strict";
import { commerceTables } from "../../lib/commerce-model.ts";
import { Generator } from "../../scripts/seed/generate/generator.ts";
import { rangeHash, rangesOfTable, tableHash } from "../../scripts/seed/generate/row-range.ts";
import type { RowValue } from "../../scripts/seed/generate/row-values.ts";
import { idBlock, type SeedPlan } from "../../scripts/seed/seed-plan.ts";

/** A generated row, its values by column. */
export type Row = Record<string, RowValue>;

export async function rowsOfTables(plan: SeedPlan): Promise<ReadonlyMap<string, readonly Row[]>> {
  const tables = new Map<string, readonly Row[]>();
  for (const { name } of commerceTables) tables.set(name, await rowsOfTable(plan, name));
  return tables;
}

export async function rowsOfTable(plan: SeedPlan, table: string): Promise<Row[]> {
  const make = (await Generator.of(plan)).table(table);
  const columns = commerceTables.find(({ name }) => name === table)?.columns ?? [];
  const { first, count } = idBlock(plan, table);
  return Array.from({ length: count }, (_, index) => {
    const values = make(first + index);
    assert.equal(values.length, columns.length, table);
    return Object.fromEntries(columns.map(({ name }, position) => [name, values[position] ?? null]));
  });
}

export async function tableHashes(plan: SeedPlan, names: readonly string[]): Promise<Record<string, string>> {
  const generator = await Generator.of(plan);
  const hashOf = (name: string): string =>
    tableHash(rangesOfTable(plan, name).map((range) => rangeHash(generator, range)));
  return Object.fromEntries(names.map((name): [string, string] => [name, hashOf(name)]).sort());
}

export function keyOf(row: Row, columns: readonly string[]): string {
  return JSON.stringify(columns.map((column) => row[column]));
}

/** Seconds since 1970 of a timestamp or a date as the server prints it. */
export function secondsOf(value: RowValue | undefined): number {
  const text = String(value).replace(" ", "T");
  return Date.parse(text.includes("T") ? `${text}Z` : text) / 1000;
}

export function allBetween(values: readonly number[], min: number, max: number): void {
  for (const value of values) assert.ok(value >= min && value <= max, `${value} in ${min}..${max}`);
}
