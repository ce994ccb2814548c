import { idBlock } from "../../seed-plan.ts";
import { dayText, secondsPerDay, timestampText } from "../dates.ts";
import { money, type RowGenerator } from "../row-generator.ts";
import type { ShopWorld } from "./shop-world.ts";

/** Price 5 to 100, log-normal; the stock is that of its inventories together. */
export const products: RowGenerator<ShopWorld> = (world) => {
  const random = world.stream("products");
  const { first } = idBlock(world.plan, "products");
  const today = dayText(world.asOf);
  return (id) => {
    const index = id - first;
    random.at(index);
    return [
      id,
      world.text("productName", random),
      world.text("productDescription", random),
      money(world.catalogue.priceOf(index)),
      random.pick(world.plan.categoryIds),
      world.catalogue.stockOf(index),
      today,
      today,
    ];
  };
};

const warehouses = 12;

/** Each product in as many of the shop's few warehouses, counted within 30 days before the reference day. */
export const inventory: RowGenerator<ShopWorld> = (world) => {
  const random = world.stream("inventory");
  const { first } = idBlock(world.plan, "inventory");
  const firstProduct = idBlock(world.plan, "products").first;
  return (id) => {
    random.at(id - first);
    const { product, warehouse } = world.catalogue.placeOf(id - first);
    return [
      id,
      firstProduct + product,
      world.pools.entry("company", (product + warehouse * 5) % warehouses),
      world.catalogue.stockIn(product, warehouse),
      timestampText(random.int(world.asOf - 30 * secondsPerDay, world.asOf)),
    ];
  };
};
