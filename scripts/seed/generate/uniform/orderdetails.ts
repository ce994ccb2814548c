import { money, type RowGenerator } from "../row-generator.ts";

/** Quantity 1 to 10, subtotal 10 to 100. */
export const orderdetails: RowGenerator = (world) => {
  const random = world.stream("orderdetails");
  return (id) => {
    random.at(id);
    return [
      id,
      world.anyId("orders", random),
      world.anyId("products", random),
      random.int(1, 10),
      money(random.int(1000, 10_000)),
    ];
  };
};
