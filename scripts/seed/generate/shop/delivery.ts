import { secondsPerDay, type EpochSeconds } from "../dates.ts";
import type { RandomStream } from "../random-stream.ts";

/** What a delivery follows from. */
interface Payments {
  readonly asOf: EpochSeconds;
  isPaid(order: number): boolean;
  /** When the last payment of an order was tried. */
  lastPayment(order: number): EpochSeconds;
}

/** What became of the shipment that was asked for last, up to the reference day: one for all, as of the lines. */
export class Delivery {
  readonly #payments: Payments;
  readonly #random: RandomStream;
  status: "Processing" | "Shipped" | "Delivered" = "Processing";
  shipped: EpochSeconds = 0;
  expected: EpochSeconds = 0;
  delivered: EpochSeconds = 0;

  constructor(payments: Payments, random: RandomStream) {
    this.#payments = payments;
    this.#random = random;
  }

  /** @param order index from 0 */
  of(order: number): this {
    const { asOf } = this.#payments;
    const paid = this.#payments.lastPayment(order);
    const random = this.#random.at(order);
    const share = random.fraction();
    const leaves = paid + 2 * 3600 + Math.floor(share * share * 2.5 * secondsPerDay);
    const isShipped = leaves <= asOf && this.#payments.isPaid(order);
    this.shipped = isShipped ? leaves : paid;
    this.expected = this.shipped + random.int(1, 10) * secondsPerDay;
    this.delivered = this.expected + random.int(1, 5) * secondsPerDay;
    this.status = !isShipped ? "Processing" : this.delivered <= asOf ? "Delivered" : "Shipped";
    return this;
  }
}
