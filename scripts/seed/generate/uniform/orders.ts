import type { RowGenerator } from "../row-generator.ts";

/** Price 10 to 1000; ordered between the buyer's registration and the reference day. */
export const orders: RowGenerator = (world) => {
  const random = world.stream("orders");
  return (id, row) => {
    random.at(id);
    const userId = world.anyId("users", random);
    const registration = world.registrationOf(userId);
    row.integer(id);
    row.integer(userId);
    row.timestamp(registration);
    row.money(random.int(1000, 100_000));
    row.day(random.int(registration, world.asOf));
  };
};
