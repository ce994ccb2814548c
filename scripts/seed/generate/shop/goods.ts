import { idBlock } from "../../seed-plan.ts";
import { secondsPerDay } from "../dates.ts";
import type { RowGenerator } from "../row-generator.ts";
import type { ShopWorld } from "./shop-world.ts";

/** Price 5 to 100, log-normal; the stock is that of its inventories together. */
export const products: RowGenerator<ShopWorld> = (world) => {
  const random = world.stream("products");
  const { first } = idBlock(world.plan, "products");
  const names = world.pools.of("productName");
  const descriptions = world.pools.of("productDescription");
  return (id, row) => {
    const index = id - first;
    random.at(index);
    row.integer(id);
    row.text(names.draw(random));
    row.text(descriptions.draw(random));
    row.money(world.catalogue.priceOf(index));
    row.integer(random.pick(world.plan.categoryIds));
    row.integer(world.catalogue.stockOf(index));
    row.day(world.asOf);
    row.day(world.asOf);
  };
};

const warehouses = 12;

/** Each product in as many of the shop's few warehouses, counted within 30 days before the reference day. */
export const inventory: RowGenerator<ShopWorld> = (world) => {
  const random = world.stream("inventory");
  const { first } = idBlock(world.plan, "inventory");
  const firstProduct = idBlock(world.plan, "products").first;
  const companies = world.pools.of("company");
  return (id, row) => {
    random.at(id - first);
    const { product, warehouse } = world.catalogue.placeOf(id - first);
    row.integer(id);
    row.integer(firstProduct + product);
    row.text(companies.entry((product + warehouse * 5) % warehouses));
    row.integer(world.catalogue.stockIn(product, warehouse));
    row.timestamp(random.int(world.asOf - 30 * secondsPerDay, world.asOf));
  };
};
