import { createHash } from "node:crypto";
import { z } from "zod";
import { commerceTables } from "../../../lib/commerce-model.ts";
import { idBlock, type SeedPlan } from "../seed-plan.ts";
import { copyChunks, copyLine } from "./copy-text.ts";
import type { Generator } from "./generator.ts";

export const rowRangeSchema = z.object({
  table: z.string(),
  /** From 0 within its table. */
  number: z.number().int().nonnegative(),
  first: z.number().int().positive(),
  count: z.number().int().positive(),
});

/** Consecutive rows of one table: what is written, hashed and compared as one. */
export type RowRange = Readonly<z.infer<typeof rowRangeSchema>>;

/** Rows of a range, the last one of a table excepted: what a kill can undo, and what a commit stands for. */
export const rangeRows = 20_000;

/** A plan's ranges in the order in which they are written: table after table, ids ascending. */
export function rangesOf(plan: SeedPlan): RowRange[] {
  return commerceTables.flatMap(({ name }) => rangesOfTable(plan, name));
}

export function rangesOfTable(plan: SeedPlan, table: string): RowRange[] {
  const { first, count } = idBlock(plan, table);
  return Array.from({ length: Math.ceil(count / rangeRows) }, (_, number) => ({
    table,
    number,
    first: first + number * rangeRows,
    count: Math.min(rangeRows, count - number * rangeRows),
  }));
}

/** The lines of a range as COPY takes them. */
export function* linesOf(generator: Generator, { table, first, count }: RowRange): Iterable<string> {
  const row = generator.table(table);
  for (let id = first; id < first + count; id++) yield copyLine(row(id));
}

/** The same in chunks of about 64 KiB. */
export function chunksOf(
  generator: Generator,
  range: RowRange,
): Iterable<{ readonly bytes: Buffer; readonly rows: number }> {
  return copyChunks(linesOf(generator, range));
}

/** SHA-256 of a range's COPY text, 64 hexadecimal digits: equal means the same rows to the byte. */
export function rangeHash(generator: Generator, range: RowRange): string {
  const hash = createHash("sha256");
  for (const { bytes } of chunksOf(generator, range)) hash.update(bytes);
  return hash.digest("hex");
}

/** The hash of a table: that of its ranges' hashes, in their order. */
export function tableHash(rangeHashes: readonly string[]): string {
  const hash = createHash("sha256");
  for (const each of rangeHashes) hash.update(each);
  return hash.digest("hex");
}
