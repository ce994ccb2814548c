import type { RowGenerator } from "../row-generator.ts";
import { secondsPerDay } from "../dates.ts";
import { rowText } from "../row-sink.ts";

const delivered = rowText("Delivered");
const statuses = [rowText("Shipped"), rowText("Processing"), delivered];

/** Shipped within 30 days, expected 1 to 10 days later; delivered 1 to 5 days after that, if it is. */
export const shipping: RowGenerator = (world) => {
  const random = world.stream("shipping");
  return (id, row) => {
    random.at(id);
    row.integer(id);
    row.integer(world.anyId("orders", random));
    const status = random.pick(statuses);
    const shippedAt = random.int(world.asOf - 30 * secondsPerDay, world.asOf);
    const expectedAt = shippedAt + random.int(1, 10) * secondsPerDay;
    row.text(status);
    row.timestamp(shippedAt);
    row.timestamp(expectedAt);
    if (status === delivered) row.timestamp(expectedAt + random.int(1, 5) * secondsPerDay);
    else row.nothing();
  };
};
