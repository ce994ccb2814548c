import { valueOf } from "../shop-query.ts";
import type { GeneratedRow, MakeExpectation } from "./expectation.ts";
import { compareText, FirstRows } from "./first-rows.ts";
import { amount, columnOf, dayNumber } from "./row-values.ts";
import { userName } from "./user-name.ts";

const shipments = {
  id: columnOf("shipping", "shipping_id"),
  order: columnOf("shipping", "order_id"),
  status: columnOf("shipping", "status"),
  shipped: columnOf("shipping", "ship_date"),
  expected: columnOf("shipping", "estimated_arrival_date"),
};
const orders = {
  user: columnOf("orders", "user_id"),
  registration: columnOf("orders", "user_registration_date"),
  price: columnOf("orders", "order_price"),
};

interface Open {
  readonly id: number;
  readonly expected: string;
  readonly row: GeneratedRow;
}

export const openShipments: MakeExpectation = (context) => {
  const day = dayNumber(valueOf(context.values, "day"));
  const first = new FirstRows<Open>(
    Number(valueOf(context.values, "limit")),
    (a, b) => compareText(a.expected, b.expected) || a.id - b.id,
  );
  return {
    see: {
      shipping: (row) => {
        if (shipments.status.text(row) === "Delivered") return;
        first.offer({ id: shipments.id.number(row), expected: shipments.expected.text(row) ?? "", row });
      },
    },
    rows: () =>
      first.rows.map(({ id, expected, row }) => {
        const order = context.rowOf("orders", shipments.order.number(row));
        return [
          String(id),
          shipments.order.text(row),
          shipments.status.text(row),
          shipments.shipped.text(row),
          expected,
          String(day - dayNumber(expected)),
          order ? amount(orders.price.cents(order)) : null,
          order ? userName(context, orders.user.number(order), orders.registration.text(order)) : null,
        ];
      }),
  };
};
