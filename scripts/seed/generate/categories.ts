import type { RowGenerator } from "./row-generator.ts";
import { categoryNames } from "../seed-plan.ts";

/** Always the five, in their order. */
export const categories: RowGenerator = (world) => {
  const firstId = world.plan.categoryIds[0] ?? 1;
  return (id) => [id, categoryNames[id - firstId] ?? null];
};
