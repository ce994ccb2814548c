import type { RowGenerator } from "../row-generator.ts";

/** Price 5 to 200, stock 0 to 100; created on the reference day. */
export const products: RowGenerator = (world) => {
  const random = world.stream("products");
  const names = world.pools.of("productName");
  const descriptions = world.pools.of("productDescription");
  return (id, row) => {
    random.at(id);
    row.integer(id);
    row.text(names.draw(random));
    row.text(descriptions.draw(random));
    row.money(random.int(500, 20_000));
    row.integer(random.pick(world.plan.categoryIds));
    row.integer(random.int(0, 100));
    row.day(world.asOf);
    row.day(world.asOf);
  };
};
