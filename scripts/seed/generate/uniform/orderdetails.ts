import type { RowGenerator } from "../row-generator.ts";

/** Quantity 1 to 10, subtotal 10 to 100. */
export const orderdetails: RowGenerator = (world) => {
  const random = world.stream("orderdetails");
  return (id, row) => {
    random.at(id);
    row.integer(id);
    row.integer(world.anyId("orders", random));
    row.integer(world.anyId("products", random));
    row.integer(random.int(1, 10));
    row.money(random.int(1000, 10_000));
  };
};
