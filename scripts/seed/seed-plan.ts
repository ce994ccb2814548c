import { z } from "zod";
import { commerceTables } from "../../lib/commerce-model.ts";
import type { SeedParameters } from "./seed-options.ts";

export const categoryNames: readonly string[] = [
  "Electronics",
  "Clothing",
  "Books",
  "Home & Garden",
  "Sports & Outdoors",
];

const block = z.object({ first: z.number().int().positive(), count: z.number().int().nonnegative() });

/** Consecutive ids of one table: `count` from `first` on. */
export type IdBlock = z.infer<typeof block>;

export const seedPlanSchema = z.object({
  mode: z.enum(["fresh", "append"]),
  rows: z.number().int(),
  seed: z.number().int(),
  asOf: z.string(),
  blocks: z.record(z.string(), block),
  categoryIds: z.array(z.number().int()).min(1),
});

/** Everything that decides what a seed writes, down to the byte. It is plain data, so that it can be kept. */
export type SeedPlan = Readonly<z.infer<typeof seedPlanSchema>>;

/** A plan for nine empty tables. */
export function freshPlan(parameters: SeedParameters): SeedPlan {
  const blocks: Record<string, IdBlock> = {};
  for (const { name } of commerceTables) {
    blocks[name] = { first: 1, count: name === "categories" ? categoryNames.length : parameters.rows };
  }
  return { mode: "fresh", ...parameters, blocks, categoryIds: categoryNames.map((_, index) => index + 1) };
}

/**
 * A plan for rows behind those that are there. They refer to one another and to the categories that exist.
 * @param firstIds the first free id of each table
 */
export function appendPlan(
  parameters: SeedParameters,
  firstIds: Readonly<Record<string, number>>,
  categoryIds: readonly number[],
): SeedPlan {
  const fresh = freshPlan(parameters);
  const addCategories = categoryIds.length === 0;
  const blocks: Record<string, IdBlock> = {};
  for (const [table, { count }] of Object.entries(fresh.blocks)) {
    const first = firstIds[table] ?? 1;
    blocks[table] = { first, count: table === "categories" && !addCategories ? 0 : count };
  }
  const firstCategory = firstIds["categories"] ?? 1;
  return {
    ...fresh,
    mode: "append",
    blocks,
    categoryIds: addCategories ? categoryNames.map((_, index) => firstCategory + index) : [...categoryIds],
  };
}

export function idBlock(plan: SeedPlan, table: string): IdBlock {
  const found = plan.blocks[table];
  if (!found) throw new RangeError(`the plan has no table ${table}`);
  return found;
}
