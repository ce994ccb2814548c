-- What sold best in a category during the days up to and with a day, by the number of items.
-- $1 category: categories.category_name   $2 day   $3 days   $4 limit: products at most
SELECT
  p.product_id,
  p.product_name,
  sum(d.quantity) AS sold,
  sum(d.subtotal) AS revenue
FROM shop.orders AS o
JOIN shop.orderdetails AS d ON d.order_id = o.order_id
JOIN shop.products AS p ON p.product_id = d.product_id
JOIN shop.categories AS c ON c.category_id = p.category_id
WHERE c.category_name = $1::text
  AND o.order_date > $2::date - $3::integer
  AND o.order_date <= $2::date
GROUP BY p.product_id
ORDER BY sold DESC, p.product_id
LIMIT $4::integer
