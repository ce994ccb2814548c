import type { RowGenerator } from "../row-generator.ts";
import { secondsPerDay } from "../dates.ts";

/** A company as warehouse, stock 0 to 1000, within 30 days before the reference day. */
export const inventory: RowGenerator = (world) => {
  const random = world.stream("inventory");
  const companies = world.pools.of("company");
  return (id, row) => {
    random.at(id);
    row.integer(id);
    row.integer(world.anyId("products", random));
    row.text(companies.draw(random));
    row.integer(random.int(0, 1000));
    row.timestamp(random.int(world.asOf - 30 * secondsPerDay, world.asOf));
  };
};
