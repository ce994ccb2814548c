-- Orders and revenue of the months up to and with that of a day, of which nothing after the day counts.
-- $1 day   $2 months
--
-- Each month is one range of the index on order_date, which holds all that is asked for; a month without an
-- order is told, too.
SELECT
  to_char(month.begins, 'YYYY-MM') AS month,
  sales.orders,
  sales.revenue,
  sales.average
FROM generate_series(
  date_trunc('month', $1::date::timestamp) - make_interval(months => $2::integer - 1),
  $1::date::timestamp,
  interval '1 month'
) AS month (begins)
CROSS JOIN LATERAL (
  SELECT
    count(*) AS orders,
    coalesce(sum(o.order_price), 0.00) AS revenue,
    coalesce(round(avg(o.order_price), 2), 0.00) AS average
  FROM shop.orders AS o
  WHERE o.order_date >= month.begins::date
    AND o.order_date < (month.begins + interval '1 month')::date
    AND o.order_date <= $1::date
) AS sales
ORDER BY month.begins
