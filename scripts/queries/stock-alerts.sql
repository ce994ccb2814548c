-- Products of which hardly any are left, the scarcest first, and what the warehouses say of them.
-- $1 quantity: so many or fewer are left   $2 limit: products at most
SELECT
  p.product_id,
  p.product_name,
  c.category_name AS category,
  p.product_quantity,
  stock.warehouses,
  stock.in_warehouses
FROM (
  SELECT product_id, product_name, category_id, product_quantity
  FROM shop.products
  WHERE product_quantity <= $1::integer
  ORDER BY product_quantity, product_id
  LIMIT $2::integer
) AS p
LEFT JOIN shop.categories AS c ON c.category_id = p.category_id
CROSS JOIN LATERAL (
  SELECT count(*) AS warehouses, coalesce(sum(i.stock_quantity), 0) AS in_warehouses
  FROM shop.inventory AS i
  WHERE i.product_id = p.product_id
) AS stock
ORDER BY p.product_quantity, p.product_id
