import { valueOf } from "../shop-query.ts";
import type { GeneratedRow, MakeExpectation } from "./expectation.ts";
import { compareText, FirstRows } from "./first-rows.ts";
import { amount, columnOf } from "./row-values.ts";
import { userName } from "./user-name.ts";

interface Order {
  readonly id: number;
  readonly date: string;
  readonly cents: number;
  readonly registration: string | null;
}

/** What is known of one of the latest orders: its lines, and the latest of its payments and shipments. */
interface State {
  lines: number;
  items: number;
  payment: FirstRows<Latest>;
  shipment: FirstRows<Latest>;
}

interface Latest {
  readonly id: number;
  readonly at: string;
  readonly row: GeneratedRow;
}

const orders = {
  id: columnOf("orders", "order_id"),
  user: columnOf("orders", "user_id"),
  registration: columnOf("orders", "user_registration_date"),
  price: columnOf("orders", "order_price"),
  date: columnOf("orders", "order_date"),
};
const lines = { order: columnOf("orderdetails", "order_id"), quantity: columnOf("orderdetails", "quantity") };
const payments = {
  id: columnOf("transactions", "transaction_id"),
  order: columnOf("transactions", "order_id"),
  at: columnOf("transactions", "transaction_date"),
  status: columnOf("transactions", "transaction_status"),
};
const shipments = {
  id: columnOf("shipping", "shipping_id"),
  order: columnOf("shipping", "order_id"),
  at: columnOf("shipping", "ship_date"),
  status: columnOf("shipping", "status"),
  expected: columnOf("shipping", "estimated_arrival_date"),
};

/** The orders come before their lines, payments and shipments: by then it is known which ones matter. */
export const customerHistory: MakeExpectation = (context) => {
  const customer = Number(valueOf(context.values, "customer"));
  const latest = new FirstRows<Order>(
    Number(valueOf(context.values, "limit")),
    (a, b) => compareText(b.date, a.date) || b.id - a.id,
  );
  let states: Map<number, State> | undefined;
  const stateOf = (order: number): State | undefined => {
    states ??= new Map(latest.rows.map(({ id }) => [id, newState()]));
    return states.get(order);
  };
  return {
    see: {
      orders: (row) => {
        if (orders.user.number(row) !== customer) return;
        latest.offer({
          id: orders.id.number(row),
          date: orders.date.text(row) ?? "",
          cents: orders.price.cents(row),
          registration: orders.registration.text(row),
        });
      },
      orderdetails: (row) => {
        const state = stateOf(lines.order.number(row));
        if (!state) return;
        state.lines++;
        state.items += lines.quantity.number(row);
      },
      transactions: (row) => {
        const state = stateOf(payments.order.number(row));
        state?.payment.offer({ id: payments.id.number(row), at: payments.at.text(row) ?? "", row });
      },
      shipping: (row) => {
        const state = stateOf(shipments.order.number(row));
        state?.shipment.offer({ id: shipments.id.number(row), at: shipments.at.text(row) ?? "", row });
      },
    },
    rows: () =>
      latest.rows.map(({ id, date, cents, registration }) => {
        const state = stateOf(id) ?? newState();
        const payment = state.payment.rows[0]?.row;
        const shipment = state.shipment.rows[0]?.row;
        return [
          ...[String(id), date, amount(cents), String(state.lines), String(state.items)],
          payment ? payments.status.text(payment) : null,
          shipment ? shipments.status.text(shipment) : null,
          shipment ? shipments.expected.text(shipment) : null,
          userName(context, customer, registration),
        ];
      }),
  };
};

function newState(): State {
  const latest = (a: Latest, b: Latest): number => compareText(b.at, a.at) || b.id - a.id;
  return { lines: 0, items: 0, payment: new FirstRows(1, latest), shipment: new FirstRows(1, latest) };
}
