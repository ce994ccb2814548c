import type { RowGenerator } from "../row-generator.ts";
import { secondsPerDay, timestampText } from "../dates.ts";

/** Rating 1 to 5 and a paragraph, within 365 days before the reference day. */
export const reviews: RowGenerator = (world) => {
  const random = world.stream("reviews");
  return (id) => {
    random.at(id);
    const productId = world.anyId("products", random);
    const userId = world.anyId("users", random);
    return [
      id,
      productId,
      userId,
      timestampText(world.registrationOf(userId)),
      random.int(1, 5),
      world.text("paragraph", random),
      timestampText(random.int(world.asOf - 365 * secondsPerDay, world.asOf)),
    ];
  };
};
