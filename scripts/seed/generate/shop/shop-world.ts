import { idBlock, type SeedPlan } from "../../seed-plan.ts";
import { BlockCounts } from "../block-counts.ts";
import { BusyDays, secondOfDay } from "../busy-days.ts";
import { decadeStart, secondsPerDay, type EpochSeconds } from "../dates.ts";
import { firstIndex } from "../first-index.ts";
import type { RandomStream } from "../random-stream.ts";
import { RankOrder } from "../rank-order.ts";
import { seedWorld, type SeedWorld } from "../seed-world.ts";
import { Zipf } from "../zipf.ts";
import { Catalogue } from "./catalogue.ts";

/** How much more the busy customers order: the k-th orders in proportion to k^-exponent. */
export const buyerExponent = 0.7;

/** What one block of orders has, each in an order of its own; the shares of `rowsPerScale` follow from it. */
const ordersOfBlock = {
  /** Log-normal: two at the median, nine at most. */
  lines: [
    ...repeat(1, 18),
    ...repeat(2, 21),
    ...repeat(3, 14),
    ...repeat(4, 5),
    ...repeat(5, 3),
    ...[6, 8, 9],
  ],
  /** A second payment follows one that failed. */
  payments: [...repeat(1, 60), ...repeat(2, 4)],
  /** What is not paid for is not sent. */
  shipments: [...repeat(0, 3), ...repeat(1, 61)],
};
const one = { lines: [1], payments: [1], shipments: [1] };

/** A line of an order. */
export interface OrderLine {
  /** Index from 0. */
  readonly product: number;
  readonly quantity: number;
  /** Cents. */
  readonly subtotal: number;
}

/** What became of a shipment up to the reference day. */
export interface Delivery {
  readonly status: "Processing" | "Shipped" | "Delivered";
  readonly shipped: EpochSeconds;
  readonly expected: EpochSeconds;
  readonly delivered: EpochSeconds;
}

/**
 * The world of a shop: ids grow with time, customers order after they registered, the busy ones more often, an
 * order is paid, then sent, then delivered, and reviewed after that. Everything by index from 0 within the plan.
 */
export interface ShopWorld extends SeedWorld {
  readonly catalogue: Catalogue;
  readonly buyers: RankOrder;
  /** Which lines, payments and shipments an order has. */
  readonly lines: BlockCounts;
  readonly payments: BlockCounts;
  readonly shipments: BlockCounts;
  /** Midnight of the day on which a user registered. */
  registrationDay(user: number): EpochSeconds;
  orderDay(order: number): EpochSeconds;
  buyerOf(order: number): number;
  lineAt(line: number): OrderLine;
  isPaid(order: number): boolean;
  /** When the n-th payment of an order, from 0, was tried. */
  paymentTime(order: number, attempt: number): EpochSeconds;
  deliveryOf(order: number): Delivery;
  /** The orders, from 0 on, that are old enough to be delivered and reviewed. */
  readonly reviewable: number;
}

/** A delivery takes at most 18 days from the order on; a review comes within 20 more. */
const daysToReview = 40;
/** How far back orders go, as the report's payments do. */
const orderDays = 365;

export async function shopWorld(plan: SeedPlan): Promise<ShopWorld> {
  const world = await seedWorld(plan);
  const { asOf } = world;
  const counts = "scale" in plan.size ? ordersOfBlock : one;
  const blockOf = (name: keyof typeof counts): BlockCounts =>
    new BlockCounts(world.stream(`orders.${name}`), counts[name]);
  const [lines, payments, shipments] = [blockOf("lines"), blockOf("payments"), blockOf("shipments")];
  const catalogue = new Catalogue(world);
  const users = idBlock(plan, "users");
  const orders = idBlock(plan, "orders").count;

  const begin = decadeStart(asOf);
  const registrationDays = new BusyDays(begin, asOf, 3);
  const orderDates = new BusyDays(
    Math.max(begin + secondsPerDay, asOf - orderDays * secondsPerDay),
    asOf,
    1.3,
  );
  const registrations = world.stream("users.registration_date");
  const dates = world.stream("orders.order_date");
  const buyers = new RankOrder(users.count);
  const popularity = new Zipf(users.count, buyerExponent);
  const choice = world.stream("orders.buyer");
  const items = world.stream("orderdetails");
  const outcomes = world.stream("orders.outcome");
  const times = world.stream("transactions");
  const deliveries = world.stream("shipping");

  // The first user is there from the first day on, so that every order finds a buyer.
  const registrationDay = (user: number): EpochSeconds => {
    const within = registrations.at(user).fraction();
    return registrationDays.dayAt(user === 0 ? 0 : (user + within) / users.count);
  };
  // The first order is not in the second half of the year, so that there is always one to review.
  const orderDay = (order: number): EpochSeconds =>
    orderDates.dayAt((order + dates.at(order).fraction() / (order === 0 ? 2 : 1)) / orders);
  const isPaid = (order: number): boolean =>
    shipments.countOf(order) === 1 && (counts !== one || order === 0 || outcomes.at(order).fraction() < 0.95);

  const paymentTime = (order: number, attempt: number): EpochSeconds => {
    const at = orderDay(order) + secondOfDay(times.at(order));
    return Math.min(at + attempt * times.int(60, 1800), asOf);
  };
  const deliveryOf = (order: number): Delivery => {
    const paid = paymentTime(order, payments.countOf(order) - 1);
    deliveries.at(order);
    const leaves = paid + 2 * 3600 + Math.floor(deliveries.fraction() ** 2 * 2.5 * secondsPerDay);
    const [expectedDays, lateDays] = [deliveries.int(1, 10), deliveries.int(1, 5)];
    const isShipped = leaves <= asOf && isPaid(order);
    const shipped = isShipped ? leaves : paid;
    const expected = shipped + expectedDays * secondsPerDay;
    const delivered = expected + lateDays * secondsPerDay;
    const status = !isShipped ? "Processing" : delivered <= asOf ? "Delivered" : "Shipped";
    return { status, shipped, expected, delivered };
  };
  const buyerOf = (order: number): number => {
    const day = orderDay(order);
    choice.at(order);
    for (let attempt = 0; attempt < 64; attempt++) {
      const user = buyers.indexOf(popularity.draw(choice));
      if (registrationDay(user) < day) return user;
    }
    return 0;
  };

  return {
    ...world,
    catalogue,
    buyers,
    lines,
    payments,
    shipments,
    registrationDay,
    registrationOf: (userId) => {
      const user = userId - users.first;
      // `registrationDay` has placed the stream on this user.
      return registrationDay(user) + secondOfDay(registrations);
    },
    orderDay,
    buyerOf,
    lineAt: (line) => lineOf(catalogue, items.at(line)),
    isPaid,
    paymentTime,
    deliveryOf,
    reviewable: firstIndex(orders, (order) => orderDay(order) > asOf - daysToReview * secondsPerDay),
  };
}

/** Small numbers more often, such that a line is worth 10 to 100. */
function lineOf(catalogue: Catalogue, random: RandomStream): OrderLine {
  const product = catalogue.draw(random);
  const price = catalogue.priceOf(product);
  const least = Math.ceil(1000 / price);
  const most = Math.min(10, Math.floor(10_000 / price));
  const quantity = least + Math.floor(random.fraction() ** 2.5 * (most - least + 1));
  return { product, quantity, subtotal: quantity * price };
}

function repeat(value: number, times: number): readonly number[] {
  return Array.from({ length: times }, () => value);
}
