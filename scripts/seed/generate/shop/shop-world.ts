import { idBlock, type SeedPlan } from "../../seed-plan.ts";
import { BlockCounts } from "../block-counts.ts";
import { BusyDays, secondOfDay } from "../busy-days.ts";
import { decadeStart, secondsPerDay, type EpochSeconds } from "../dates.ts";
import { firstIndex } from "../first-index.ts";
import { RankOrder } from "../rank-order.ts";
import { seedWorld, type SeedWorld } from "../seed-world.ts";
import { Zipf } from "../zipf.ts";
import { Catalogue } from "./catalogue.ts";
import { Delivery } from "./delivery.ts";
import { OrderLine } from "./order-line.ts";

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
  readonly line: OrderLine;
  isPaid(order: number): boolean;
  /** When the n-th payment of an order, from 0, was tried. */
  paymentTime(order: number, attempt: number): EpochSeconds;
  readonly delivery: Delivery;
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
  const outcomes = world.stream("orders.outcome");
  const times = world.stream("transactions");

  // The first user is there from the first day on, so that every order finds a buyer.
  const registrationDay = (user: number): EpochSeconds => {
    const within = registrations.at(user).fraction();
    return registrationDays.dayAt(user === 0 ? 0 : (user + within) / users.count);
  };
  // A row asks for the day of its order several times.
  let [lastOrder, lastDay] = [-1, 0];
  // The first order is not in the second half of the year, so that there is always one to review.
  const orderDay = (order: number): EpochSeconds => {
    if (order !== lastOrder) {
      lastOrder = order;
      const within = dates.at(order).fraction() / (order === 0 ? 2 : 1);
      lastDay = orderDates.dayAt((order + within) / orders);
    }
    return lastDay;
  };
  const isPaid = (order: number): boolean =>
    shipments.countOf(order) === 1 && (counts !== one || order === 0 || outcomes.at(order).fraction() < 0.95);
  const paymentTime = (order: number, attempt: number): EpochSeconds => {
    const at = orderDay(order) + secondOfDay(times.at(order));
    return Math.min(attempt === 0 ? at : at + attempt * times.int(60, 1800), asOf);
  };
  // Of these nobody has to be asked whether they had registered.
  const registeredBefore = firstIndex(users.count, (user) => registrationDay(user) >= orderDay(0));
  const buyerOf = (order: number): number => {
    const day = orderDay(order);
    choice.at(order);
    for (let attempt = 0; attempt < 64; attempt++) {
      const user = buyers.indexOf(popularity.draw(choice));
      if (user < registeredBefore || registrationDay(user) < day) return user;
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
    line: new OrderLine(catalogue, world.stream("orderdetails")),
    isPaid,
    paymentTime,
    delivery: new Delivery(
      { asOf, isPaid, lastPayment: (order) => paymentTime(order, payments.countOf(order) - 1) },
      world.stream("shipping"),
    ),
    reviewable: firstIndex(orders, (order) => orderDay(order) > asOf - daysToReview * secondsPerDay),
  };
}

function repeat(value: number, times: number): readonly number[] {
  return Array.from({ length: times }, () => value);
}
