import type { ClientBase } from "pg";
import { z } from "zod";
import { seedPlanSchema } from "./seed-plan.ts";
import type { RowRange } from "./generate/row-range.ts";
import * as sql from "./seed-sql.ts";

const runSchema = z.object({ runId: z.number().int(), plan: seedPlanSchema, isFinished: z.boolean() });

/** One seed of this database, as the database itself has it on record. */
export type SeedRun = Readonly<z.infer<typeof runSchema>>;

const writtenSchema = z.object({
  table: z.string(),
  number: z.number().int(),
  count: z.number().int(),
  hash: z.string(),
});

/** A range that is written: its rows and this note came in one transaction. */
export type WrittenRange = Readonly<z.infer<typeof writtenSchema>>;

/** Every seed since the tables were last empty, the first first. @throws ZodError for a record of another version */
export async function readRuns(client: ClientBase): Promise<SeedRun[]> {
  const { rows } = await client.query<Record<string, unknown>>(sql.readRuns);
  return z.array(runSchema).parse(rows);
}

export async function readWritten(client: ClientBase, runId: number): Promise<WrittenRange[]> {
  const { rows } = await client.query<Record<string, unknown>>(sql.readRanges, [runId]);
  return z.array(writtenSchema).parse(rows);
}

/** The hash of a range, or undefined when it is not written. */
export async function hashOfWritten(
  client: ClientBase,
  runId: number,
  { table, number }: RowRange,
): Promise<string | undefined> {
  const { rows } = await client.query<{ hash: string }>(sql.readRange, [runId, table, number]);
  return rows[0]?.hash;
}

/** Part of the transaction that writes the range's rows. */
export async function addWritten(
  client: ClientBase,
  runId: number,
  { table, number, count }: RowRange,
  hash: string,
): Promise<void> {
  await client.query(sql.addRange, [runId, table, number, count, hash]);
}
