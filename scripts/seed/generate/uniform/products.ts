import { money, type RowGenerator } from "../row-generator.ts";
import { dayText } from "../dates.ts";

/** Price 5 to 200, stock 0 to 100; created on the reference day. */
export const products: RowGenerator = (world) => {
  const random = world.stream("products");
  const today = dayText(world.asOf);
  return (id) => {
    random.at(id);
    return [
      id,
      world.text("productName", random),
      world.text("productDescription", random),
      money(random.int(500, 20_000)),
      random.pick(world.plan.categoryIds),
      random.int(0, 100),
      today,
      today,
    ];
  };
};
