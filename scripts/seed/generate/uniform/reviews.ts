import { writeParagraph } from "../paragraph.ts";
import type { RowGenerator } from "../row-generator.ts";
import { secondsPerDay } from "../dates.ts";

/** Rating 1 to 5 and a paragraph, within 365 days before the reference day. */
export const reviews: RowGenerator = (world) => {
  const random = world.stream("reviews");
  const sentences = world.pools.of("sentence");
  return (id, row) => {
    random.at(id);
    row.integer(id);
    row.integer(world.anyId("products", random));
    const userId = world.anyId("users", random);
    row.integer(userId);
    row.timestamp(world.registrationOf(userId));
    row.integer(random.int(1, 5));
    writeParagraph(row, sentences, random);
    row.timestamp(random.int(world.asOf - 365 * secondsPerDay, world.asOf));
  };
};
