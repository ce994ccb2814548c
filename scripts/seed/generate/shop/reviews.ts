import { idBlock } from "../../seed-plan.ts";
import { secondsPerDay } from "../dates.ts";
import { writeParagraph } from "../paragraph.ts";
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
  const sentences = world.pools.of("sentence");
  const reviewedOrder = (index: number): number => {
    let order = Math.floor(((index + random.fraction()) / block.count) * reviewable);
    // The first order is always paid.
    while (order > 0 && !world.isPaid(order)) order--;
    return order;
  };
  return (id, row) => {
    const index = id - block.first;
    random.at(index);
    const order = reviewedOrder(index);
    const line = lines.firstOf(order) + random.int(0, lines.countOf(order) - 1);
    const userId = firstUser + world.buyerOf(order);
    row.integer(id);
    row.integer(firstProduct + world.line.at(line).product);
    row.integer(userId);
    row.timestamp(world.registrationOf(userId));
    row.integer(random.pick(ratings));
    writeParagraph(row, sentences, random);
    const share = random.fraction();
    const { delivered } = world.delivery.of(order);
    row.timestamp(delivered + Math.floor(share * share * 20 * secondsPerDay));
  };
};
