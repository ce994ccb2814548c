import { idBlock } from "../../seed-plan.ts";
import { secondsPerDay } from "../dates.ts";
import type { RowGenerator } from "../row-generator.ts";
import { rowText, type RowText } from "../row-sink.ts";
import type { ShopWorld } from "./shop-world.ts";

/** By a customer who had registered before; the price is that of its lines together. */
export const orders: RowGenerator<ShopWorld> = (world) => {
  const { line, lines, plan } = world;
  const { first } = idBlock(plan, "orders");
  const firstUser = idBlock(plan, "users").first;
  return (id, row) => {
    const order = id - first;
    const userId = firstUser + world.buyerOf(order);
    const firstLine = lines.firstOf(order);
    const end = firstLine + lines.countOf(order);
    let price = 0;
    for (let index = firstLine; index < end; index++) price += line.at(index).subtotal;
    row.integer(id);
    row.integer(userId);
    row.timestamp(world.registrationOf(userId));
    row.money(price);
    row.day(world.orderDay(order));
  };
};

/** The subtotal is quantity times the product's price. */
export const orderdetails: RowGenerator<ShopWorld> = (world) => {
  const { line, lines } = world;
  const { first } = idBlock(world.plan, "orderdetails");
  const firstOrder = idBlock(world.plan, "orders").first;
  const firstProduct = idBlock(world.plan, "products").first;
  return (id, row) => {
    const { product, quantity, subtotal } = line.at(id - first);
    row.integer(id);
    row.integer(firstOrder + lines.parentOf(id - first));
    row.integer(firstProduct + product);
    row.integer(quantity);
    row.money(subtotal);
  };
};

/** A payment that is not through after this long has failed. */
const daysPending = 3;
const [failed, success, pending] = [rowText("Failed"), rowText("Success"), rowText("Pending")];

/** On the day of the order; what is tried twice failed the first time. */
export const transactions: RowGenerator<ShopWorld> = (world) => {
  const { payments, plan } = world;
  const { first } = idBlock(plan, "transactions");
  const firstOrder = idBlock(plan, "orders").first;
  const statusOf = (order: number, isLast: boolean): RowText => {
    if (!isLast) return failed;
    if (world.isPaid(order)) return success;
    return world.orderDay(order) > world.asOf - daysPending * secondsPerDay ? pending : failed;
  };
  return (id, row) => {
    const index = id - first;
    const order = payments.parentOf(index);
    const attempt = index - payments.firstOf(order);
    row.integer(id);
    row.integer(firstOrder + order);
    row.timestamp(world.paymentTime(order, attempt));
    row.text(statusOf(order, attempt === payments.countOf(order) - 1));
  };
};

const statuses = {
  Processing: rowText("Processing"),
  Shipped: rowText("Shipped"),
  Delivered: rowText("Delivered"),
};

/**
 * Sent within days of the payment, expected 1 to 10 days later, delivered 1 to 5 days after that. What has not
 * left yet carries the time of its payment, when it came to the warehouse.
 */
export const shipping: RowGenerator<ShopWorld> = (world) => {
  const { first } = idBlock(world.plan, "shipping");
  const firstOrder = idBlock(world.plan, "orders").first;
  return (id, row) => {
    const order = world.shipments.parentOf(id - first);
    const { status, shipped, expected, delivered } = world.delivery.of(order);
    row.integer(id);
    row.integer(firstOrder + order);
    row.text(statuses[status]);
    row.timestamp(shipped);
    row.timestamp(expected);
    if (status === "Delivered") row.timestamp(delivered);
    else row.nothing();
  };
};
