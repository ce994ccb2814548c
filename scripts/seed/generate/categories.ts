import type { RowGenerator } from "./row-generator.ts";
import { rowText } from "./row-sink.ts";
import { categoryNames } from "../seed-plan.ts";

/** Always the five, in their order. */
export const categories: RowGenerator = (world) => {
  const firstId = world.plan.categoryIds[0] ?? 1;
  const names = categoryNames.map(rowText);
  return (id, row) => {
    const name = names[id - firstId];
    if (!name) throw new RangeError(`no category has the id ${id}`);
    row.integer(id);
    row.text(name);
  };
};
