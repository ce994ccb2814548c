import { valueOf } from "../shop-query.ts";
import type { MakeExpectation } from "./expectation.ts";
import { amount, average, columnOf } from "./row-values.ts";

const orders = { date: columnOf("orders", "order_date"), price: columnOf("orders", "order_price") };

interface Month {
  orders: number;
  cents: number;
}

export const revenueByMonth: MakeExpectation = ({ values }) => {
  const until = valueOf(values, "day");
  const months = monthsUpTo(until, Number(valueOf(values, "months")));
  return {
    see: {
      orders: (row) => {
        const date = orders.date.text(row) ?? "";
        const month = months.get(date.slice(0, 7));
        if (!month || date > until) return;
        month.orders++;
        month.cents += orders.price.cents(row);
      },
    },
    rows: () =>
      [...months].map(([name, { orders: count, cents }]) => [
        ...[name, String(count), amount(cents)],
        count === 0 ? "0.00" : average(cents, count),
      ]),
  };
};

/** `2026-11` and those before it, the earliest first. */
function monthsUpTo(day: string, count: number): Map<string, Month> {
  const last = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
  return new Map(
    Array.from({ length: count }, (_, at): [string, Month] => {
      const month = last - count + 1 + at;
      const name = `${Math.floor(month / 12)}`.padStart(4, "0");
      return [`${name}-${String((month % 12) + 1).padStart(2, "0")}`, { orders: 0, cents: 0 }];
    }),
  );
}
