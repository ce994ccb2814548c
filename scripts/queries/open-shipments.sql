-- What has not been delivered yet, the longest overdue first.
-- $1 day: the day from which days_late counts; below 0 it is not due yet   $2 limit: shipments at most
--
-- The index holds open shipments alone, in this order.
SELECT
  s.shipping_id,
  s.order_id,
  s.status,
  s.ship_date,
  s.estimated_arrival_date AS expected,
  $1::date - s.estimated_arrival_date::date AS days_late,
  o.order_price,
  (
    SELECT u.username
    FROM shop.users AS u
    WHERE u.user_id = o.user_id AND u.registration_date = o.user_registration_date
  ) AS customer
FROM (
  SELECT shipping_id, order_id, status, ship_date, estimated_arrival_date
  FROM shop.shipping
  WHERE status <> 'Delivered'
  ORDER BY estimated_arrival_date, shipping_id
  LIMIT $2::integer
) AS s
LEFT JOIN shop.orders AS o ON o.order_id = s.order_id
ORDER BY s.estimated_arrival_date, s.shipping_id
