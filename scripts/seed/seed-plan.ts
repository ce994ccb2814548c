import { z } from "zod";
import { commerceTables } from "../../lib/commerce-model.ts";

export const categoryNames: readonly string[] = [
  "Electronics",
  "Clothing",
  "Books",
  "Home & Garden",
  "Sports & Outdoors",
];

/** Rows a table for one unit of `--scale`. The categories are always the five. */
export const rowsPerScale: Readonly<Record<string, number>> = {
  users: 1000,
  products: 100,
  orders: 3200,
  orderdetails: 8000,
  transactions: 3400,
  reviews: 800,
  inventory: 300,
  shipping: 3050,
};

const block = z.object({ first: z.number().int().positive(), count: z.number().int().nonnegative() });

/** Consecutive ids of one table: `count` from `first` on. */
export type IdBlock = z.infer<typeof block>;

const size = z.union([
  z.strictObject({ rows: z.number().int().positive() }),
  z.strictObject({ scale: z.number().int().positive() }),
]);

/** So many rows a table, or a shop of so many thousand users. */
export type SeedSize = Readonly<z.infer<typeof size>>;

export const seedPlanSchema = z.object({
  mode: z.enum(["fresh", "append"]),
  size,
  /** The shapes of a shop, or independent uniform draws. */
  realistic: z.boolean(),
  seed: z.number().int(),
  asOf: z.string(),
  blocks: z.record(z.string(), block),
  categoryIds: z.array(z.number().int()).min(1),
});

/** Everything that decides what a seed writes, down to the byte. It is plain data, so that it can be kept. */
export type SeedPlan = Readonly<z.infer<typeof seedPlanSchema>>;

/** The parameters that decide every byte. */
export type SeedParameters = Pick<SeedPlan, "size" | "realistic" | "seed" | "asOf">;

/** A plan for nine empty tables. */
export function freshPlan(parameters: SeedParameters): SeedPlan {
  const blocks: Record<string, IdBlock> = {};
  for (const { name } of commerceTables) blocks[name] = { first: 1, count: rowsOf(name, parameters.size) };
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

export function totalRows(plan: SeedPlan): number {
  return Object.values(plan.blocks).reduce((sum, { count }) => sum + count, 0);
}

/** `--scale 10` or `--rows 50`, as it would be typed. */
export function describeSize(of: SeedSize): string {
  return "scale" in of ? `--scale ${of.scale}` : `--rows ${of.rows}`;
}

function rowsOf(table: string, of: SeedSize): number {
  if (table === "categories") return categoryNames.length;
  if ("rows" in of) return of.rows;
  const ratio = rowsPerScale[table];
  if (ratio === undefined) throw new RangeError(`no ratio for the table ${table}`);
  return ratio * of.scale;
}
