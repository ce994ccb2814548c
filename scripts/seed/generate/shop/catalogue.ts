import type { RandomStream } from "../random-stream.ts";
import { RankOrder } from "../rank-order.ts";
import type { SeedWorld } from "../seed-world.ts";
import { idBlock } from "../../seed-plan.ts";
import { Zipf } from "../zipf.ts";

/** How much more the popular products sell: the k-th sells in proportion to k^-exponent. */
export const productExponent = 0.9;

/** What a shop has to sell, by index from 0: prices, stock, and how popular each product is. */
export class Catalogue {
  readonly order: RankOrder;
  readonly #count: number;
  readonly #warehouses: number;
  readonly #popularity: Zipf;
  readonly #prices: Uint16Array;
  readonly #stock: RandomStream;

  constructor(world: SeedWorld) {
    this.#count = idBlock(world.plan, "products").count;
    this.#warehouses = idBlock(world.plan, "inventory").count / this.#count;
    this.order = new RankOrder(this.#count);
    this.#popularity = new Zipf(this.#count, productExponent);
    this.#stock = world.stream("products.stock");
    const random = world.stream("products.price");
    this.#prices = Uint16Array.from({ length: this.#count }, (_, index) => price(random.at(index)));
  }

  /** Cents, 500 to 10000. */
  priceOf(product: number): number {
    return this.#prices[product] ?? 0;
  }

  /** A product, the popular ones more often. */
  draw(random: RandomStream): number {
    return this.order.indexOf(this.#popularity.draw(random));
  }

  /** How many of a product there are, 0 to 100: its inventories together. */
  stockOf(product: number): number {
    const share = this.#stock.at(product).fraction();
    return Math.floor(share * Math.sqrt(share) * 101);
  }

  /** The part of a product's stock that its warehouse of that number, from 0, holds. */
  stockIn(product: number, warehouse: number): number {
    const stock = this.stockOf(product);
    const even = Math.floor(stock / this.#warehouses);
    return warehouse === 0 ? stock - even * (this.#warehouses - 1) : even;
  }

  /** The product and the number of the warehouse that a row of inventory is about. */
  placeOf(inventory: number): { readonly product: number; readonly warehouse: number } {
    const product = Math.floor(inventory / this.#warehouses);
    return { product, warehouse: inventory % this.#warehouses };
  }
}

/** Log-normal around 22, and never so dear that a line of one alone would exceed the report's 100. */
function price(random: RandomStream): number {
  const deviation =
    Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
  return Math.min(10_000, Math.max(500, Math.round(2200 * Math.exp(0.7 * deviation))));
}
