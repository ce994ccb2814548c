import type { RowGenerator } from "../row-generator.ts";
import { secondsPerDay, timestampText } from "../dates.ts";

/** A company as warehouse, stock 0 to 1000, within 30 days before the reference day. */
export const inventory: RowGenerator = (world) => {
  const random = world.stream("inventory");
  return (id) => {
    random.at(id);
    return [
      id,
      world.anyId("products", random),
      world.text("company", random),
      random.int(0, 1000),
      timestampText(random.int(world.asOf - 30 * secondsPerDay, world.asOf)),
    ];
  };
};
