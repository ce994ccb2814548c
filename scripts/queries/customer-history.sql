-- A customer's latest orders, newest first: what was bought, whether it was paid, where it is.
-- $1 customer: users.user_id   $2 limit: orders at most
--
-- The index has each customer's orders as they are wanted; the customer is looked up by both columns of the key,
-- so that one partition of users is read for each.
SELECT
  o.order_id,
  o.order_date,
  o.order_price,
  line.lines,
  line.items,
  payment.transaction_status AS payment,
  shipment.status AS shipment,
  shipment.estimated_arrival_date AS expected,
  (
    SELECT u.username
    FROM shop.users AS u
    WHERE u.user_id = o.user_id AND u.registration_date = o.user_registration_date
  ) AS customer
FROM (
  SELECT order_id, user_id, user_registration_date, order_price, order_date
  FROM shop.orders
  WHERE user_id = $1::integer
  ORDER BY order_date DESC, order_id DESC
  LIMIT $2::integer
) AS o
CROSS JOIN LATERAL (
  SELECT count(*) AS lines, coalesce(sum(d.quantity), 0) AS items
  FROM shop.orderdetails AS d
  WHERE d.order_id = o.order_id
) AS line
-- Of several payments or shipments the latest says how things are.
LEFT JOIN LATERAL (
  SELECT t.transaction_status
  FROM shop.transactions AS t
  WHERE t.order_id = o.order_id
  ORDER BY t.transaction_date DESC, t.transaction_id DESC
  LIMIT 1
) AS payment ON true
LEFT JOIN LATERAL (
  SELECT s.status, s.estimated_arrival_date
  FROM shop.shipping AS s
  WHERE s.order_id = o.order_id
  ORDER BY s.ship_date DESC, s.shipping_id DESC
  LIMIT 1
) AS shipment ON true
ORDER BY o.order_date DESC, o.order_id DESC
