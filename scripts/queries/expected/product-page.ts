import { valueOf } from "../shop-query.ts";
import type { GeneratedRow, MakeExpectation } from "./expectation.ts";
import { compareText, FirstRows } from "./first-rows.ts";
import { amount, average, columnOf } from "./row-values.ts";
import { userName } from "./user-name.ts";

const products = {
  name: columnOf("products", "product_name"),
  category: columnOf("products", "category_id"),
  price: columnOf("products", "product_price"),
  quantity: columnOf("products", "product_quantity"),
};
const categories = {
  id: columnOf("categories", "category_id"),
  name: columnOf("categories", "category_name"),
};
const reviews = {
  id: columnOf("reviews", "review_id"),
  product: columnOf("reviews", "product_id"),
  user: columnOf("reviews", "user_id"),
  registration: columnOf("reviews", "user_registration_date"),
  rating: columnOf("reviews", "rating"),
  text: columnOf("reviews", "review_text"),
  at: columnOf("reviews", "created_at"),
};

interface Review {
  readonly id: number;
  readonly at: string;
  readonly row: GeneratedRow;
}

export const productPage: MakeExpectation = (context) => {
  const id = Number(valueOf(context.values, "product"));
  const latest = new FirstRows<Review>(
    Number(valueOf(context.values, "limit")),
    (a, b) => compareText(b.at, a.at) || b.id - a.id,
  );
  const names = new Map<number, string | null>();
  let count = 0;
  let stars = 0;
  return {
    see: {
      categories: (row) => {
        names.set(categories.id.number(row), categories.name.text(row));
      },
      reviews: (row) => {
        if (reviews.product.number(row) !== id) return;
        count++;
        stars += reviews.rating.number(row);
        latest.offer({ id: reviews.id.number(row), at: reviews.at.text(row) ?? "", row });
      },
    },
    rows: () => {
      const product = context.rowOf("products", id);
      if (!product) return [];
      const page = [
        products.name.text(product),
        names.get(products.category.number(product)) ?? null,
        amount(products.price.cents(product)),
        products.quantity.text(product),
        String(count),
        count === 0 ? null : average(stars * 100, count),
      ];
      if (latest.rows.length === 0) return [[...page, null, null, null, null, null]];
      return latest.rows.map(({ id: review, at, row }) => [
        ...[...page, String(review), at, reviews.rating.text(row)],
        userName(context, reviews.user.number(row), reviews.registration.text(row)),
        reviews.text.text(row),
      ]);
    },
  };
};
