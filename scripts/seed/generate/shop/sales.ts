import { idBlock } from "../../seed-plan.ts";
import { dayText, secondsPerDay, timestampText } from "../dates.ts";
import { money, type RowGenerator } from "../row-generator.ts";
import type { ShopWorld } from "./shop-world.ts";

/** By a customer who had registered before; the price is that of its lines together. */
export const orders: RowGenerator<ShopWorld> = (world) => {
  const { lines, plan } = world;
  const { first } = idBlock(plan, "orders");
  const firstUser = idBlock(plan, "users").first;
  return (id) => {
    const order = id - first;
    const userId = firstUser + world.buyerOf(order);
    const firstLine = lines.firstOf(order);
    const end = firstLine + lines.countOf(order);
    let price = 0;
    for (let line = firstLine; line < end; line++) price += world.lineAt(line).subtotal;
    return [
      id,
      userId,
      timestampText(world.registrationOf(userId)),
      money(price),
      dayText(world.orderDay(order)),
    ];
  };
};

/** The subtotal is quantity times the product's price. */
export const orderdetails: RowGenerator<ShopWorld> = (world) => {
  const { first } = idBlock(world.plan, "orderdetails");
  const firstOrder = idBlock(world.plan, "orders").first;
  const firstProduct = idBlock(world.plan, "products").first;
  return (id) => {
    const line = id - first;
    const { product, quantity, subtotal } = world.lineAt(line);
    return [id, firstOrder + world.lines.parentOf(line), firstProduct + product, quantity, money(subtotal)];
  };
};

/** A payment that is not through after this long has failed. */
const daysPending = 3;

/** On the day of the order; what is tried twice failed the first time. */
export const transactions: RowGenerator<ShopWorld> = (world) => {
  const { payments, plan } = world;
  const { first } = idBlock(plan, "transactions");
  const firstOrder = idBlock(plan, "orders").first;
  const statusOf = (order: number, isLast: boolean): string => {
    if (!isLast) return "Failed";
    if (world.isPaid(order)) return "Success";
    return world.orderDay(order) > world.asOf - daysPending * secondsPerDay ? "Pending" : "Failed";
  };
  return (id) => {
    const index = id - first;
    const order = payments.parentOf(index);
    const attempt = index - payments.firstOf(order);
    return [
      id,
      firstOrder + order,
      timestampText(world.paymentTime(order, attempt)),
      statusOf(order, attempt === payments.countOf(order) - 1),
    ];
  };
};

/**
 * Sent within days of the payment, expected 1 to 10 days later, delivered 1 to 5 days after that. What has not
 * left yet carries the time of its payment, when it came to the warehouse.
 */
export const shipping: RowGenerator<ShopWorld> = (world) => {
  const { first } = idBlock(world.plan, "shipping");
  const firstOrder = idBlock(world.plan, "orders").first;
  return (id) => {
    const order = world.shipments.parentOf(id - first);
    const { status, shipped, expected, delivered } = world.deliveryOf(order);
    return [
      id,
      firstOrder + order,
      status,
      timestampText(shipped),
      timestampText(expected),
      status === "Delivered" ? timestampText(delivered) : null,
    ];
  };
};
