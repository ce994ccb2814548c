import type { RandomStream } from "../random-stream.ts";
import type { Catalogue } from "./catalogue.ts";

/** The line of an order that was placed last: one for all, since an object each would cost more than the rest of it. */
export class OrderLine {
  readonly #catalogue: Catalogue;
  readonly #random: RandomStream;
  /** Index from 0. */
  product = 0;
  quantity = 0;
  /** Cents. */
  subtotal = 0;

  constructor(catalogue: Catalogue, random: RandomStream) {
    this.#catalogue = catalogue;
    this.#random = random;
  }

  /** Small numbers more often, such that a line is worth 10 to 100. @param index from 0 */
  at(index: number): this {
    const random = this.#random.at(index);
    const product = this.#catalogue.draw(random);
    const price = this.#catalogue.priceOf(product);
    const least = Math.ceil(1000 / price);
    const most = Math.min(10, Math.floor(10_000 / price));
    const share = random.fraction();
    this.product = product;
    this.quantity = least + Math.floor(share * share * Math.sqrt(share) * (most - least + 1));
    this.subtotal = this.quantity * price;
    return this;
  }
}
