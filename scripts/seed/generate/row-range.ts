import { createHash } from "node:crypto";
import { z } from "zod";
import { commerceTables, commerceTable } from "../../../lib/commerce-model.ts";
import { idBlock, type SeedPlan } from "../seed-plan.ts";
import { ChunkBuffers, CopyWriter } from "./copy-binary.ts";
import type { Generator } from "./generator.ts";
import type { WriteRow } from "./row-sink.ts";

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

/** A plan's ranges: table after table, ids ascending. */
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

/**
 * A range as COPY takes it in its binary format, in chunks of about 64 KiB, with the number of rows in each.
 * @param buffers where they are, by default in new ones; they last until it is told that these may be used again
 */
export function* chunksOf(
  generator: Generator,
  { table, first, count }: RowRange,
  buffers = new ChunkBuffers(),
): Iterable<{ readonly bytes: Buffer; readonly rows: number }> {
  const write = generator.writer(table);
  const writer = new CopyWriter(commerceTable(table).columns.length, buffers);
  const end = first + count;
  for (let id = first; id < end;) {
    writer.begin();
    const next = fill(writer, write, id, end);
    if (next === end) writer.end();
    yield { bytes: writer.take(), rows: next - id };
    id = next;
  }
}

/** Writes rows from `id` on until the chunk is full or `end` is reached; returns the id after the last. */
function fill(writer: CopyWriter, write: WriteRow, id: number, end: number): number {
  while (id < end && !writer.isFull) {
    writer.beginRow();
    write(id++, writer);
  }
  return id;
}

/** SHA-256 of a range as COPY takes it, 64 hexadecimal digits: equal means the same rows to the byte. */
export function rangeHash(generator: Generator, range: RowRange): string {
  const hash = createHash("sha256");
  const buffers = new ChunkBuffers();
  for (const { bytes } of chunksOf(generator, range, buffers)) {
    hash.update(bytes);
    buffers.reuse();
  }
  return hash.digest("hex");
}

/** The hash of a table: that of its ranges' hashes, in their order. */
export function tableHash(rangeHashes: readonly string[]): string {
  const hash = createHash("sha256");
  for (const each of rangeHashes) hash.update(each);
  return hash.digest("hex");
}
