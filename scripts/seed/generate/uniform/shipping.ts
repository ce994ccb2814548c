import type { RowGenerator } from "../row-generator.ts";
import { secondsPerDay, timestampText } from "../dates.ts";

const statuses = ["Shipped", "Processing", "Delivered"];

/** Shipped within 30 days, expected 1 to 10 days later; delivered 1 to 5 days after that, if it is. */
export const shipping: RowGenerator = (world) => {
  const random = world.stream("shipping");
  return (id) => {
    random.at(id);
    const orderId = world.anyId("orders", random);
    const status = random.pick(statuses);
    const shipped = random.int(world.asOf - 30 * secondsPerDay, world.asOf);
    const expected = shipped + random.int(1, 10) * secondsPerDay;
    const delivered = expected + random.int(1, 5) * secondsPerDay;
    return [
      id,
      orderId,
      status,
      timestampText(shipped),
      timestampText(expected),
      status === "Delivered" ? timestampText(delivered) : null,
    ];
  };
};
