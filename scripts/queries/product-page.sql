-- A product with its latest reviews, newest first; one row without a review when nobody wrote one.
-- $1 product: products.product_id   $2 limit: reviews at most
--
-- The index on reviews has both the latest of a product and, for the average, all of its ratings.
SELECT
  p.product_name,
  c.category_name AS category,
  p.product_price,
  p.product_quantity,
  total.reviews,
  total.average,
  latest.review_id,
  latest.created_at AS reviewed,
  latest.rating,
  (
    SELECT u.username
    FROM shop.users AS u
    WHERE u.user_id = latest.user_id AND u.registration_date = latest.user_registration_date
  ) AS reviewer,
  latest.review_text
FROM shop.products AS p
LEFT JOIN shop.categories AS c ON c.category_id = p.category_id
CROSS JOIN LATERAL (
  SELECT count(*) AS reviews, round(avg(r.rating), 2) AS average
  FROM shop.reviews AS r
  WHERE r.product_id = p.product_id
) AS total
LEFT JOIN LATERAL (
  SELECT r.review_id, r.created_at, r.rating, r.user_id, r.user_registration_date, r.review_text
  FROM shop.reviews AS r
  WHERE r.product_id = p.product_id
  ORDER BY r.created_at DESC, r.review_id DESC
  LIMIT $2::integer
) AS latest ON true
WHERE p.product_id = $1::integer
ORDER BY latest.created_at DESC, latest.review_id DESC
