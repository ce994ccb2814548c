import { idBlock } from "../../seed-plan.ts";
import { secondsPerDay, timestampText } from "../dates.ts";
import type { RowGenerator } from "../row-generator.ts";
import type { ShopWorld } from "./shop-world.ts";

/** The stars of 20 reviews: most are content, and some are not at all. */
const ratings = [1, 2, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5];

/** By a buyer of the product, after its delivery; the reviews are spread evenly over the orders old enough. */
export const reviews: RowGenerator<ShopWorld> = (world) => {
  const { lines, plan, reviewable } = world;
  const random = world.stream("reviews");
  const block = idBlock(plan, "reviews");
  const firstProduct = idBlock(plan, "products").first;
  const firstUser = idBlock(plan, "users").first;
  const reviewedOrder = (index: number): number => {
    let order = Math.floor(((index + random.fraction()) / block.count) * reviewable);
    // The first order is always paid.
    while (order > 0 && !world.isPaid(order)) order--;
    return order;
  };
  return (id) => {
    const index = id - block.first;
    random.at(index);
    const order = reviewedOrder(index);
    const line = lines.firstOf(order) + random.int(0, lines.countOf(order) - 1);
    const userId = firstUser + world.buyerOf(order);
    const { delivered } = world.deliveryOf(order);
    return [
      id,
      firstProduct + world.lineAt(line).product,
      userId,
      timestampText(world.registrationOf(userId)),
      random.pick(ratings),
      world.text("paragraph", random),
      timestampText(delivered + Math.floor(random.fraction() ** 2 * 20 * secondsPerDay)),
    ];
  };
};
