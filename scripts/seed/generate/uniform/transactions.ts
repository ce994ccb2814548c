import type { RowGenerator } from "../row-generator.ts";
import { secondsPerDay } from "../dates.ts";
import { rowText } from "../row-sink.ts";

const statuses = ["Success", "Pending", "Failed"].map(rowText);

/** Within a year before the reference day. */
export const transactions: RowGenerator = (world) => {
  const random = world.stream("transactions");
  const yearAgo = world.asOf - 365 * secondsPerDay;
  return (id, row) => {
    random.at(id);
    row.integer(id);
    row.integer(world.anyId("orders", random));
    row.timestamp(random.int(yearAgo, world.asOf));
    row.text(random.pick(statuses));
  };
};
