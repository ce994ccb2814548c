import type { RowGenerator } from "../row-generator.ts";
import { secondsPerDay, timestampText } from "../dates.ts";

const statuses = ["Success", "Pending", "Failed"];

/** Within a year before the reference day. */
export const transactions: RowGenerator = (world) => {
  const random = world.stream("transactions");
  const yearAgo = world.asOf - 365 * secondsPerDay;
  return (id) => {
    random.at(id);
    return [
      id,
      world.anyId("orders", random),
      timestampText(random.int(yearAgo, world.asOf)),
      random.pick(statuses),
    ];
  };
};
