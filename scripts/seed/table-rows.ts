import { createHash } from "node:crypto";
import { copyChunks, copyLine } from "./copy-text.ts";
import type { RowGenerator } from "./row-generator.ts";
import { idBlock, type SeedPlan } from "./seed-plan.ts";
import type { SeedWorld } from "./seed-world.ts";
import { categories } from "./tables/categories.ts";
import { inventory } from "./tables/inventory.ts";
import { orderdetails } from "./tables/orderdetails.ts";
import { orders } from "./tables/orders.ts";
import { products } from "./tables/products.ts";
import { reviews } from "./tables/reviews.ts";
import { shipping } from "./tables/shipping.ts";
import { transactions } from "./tables/transactions.ts";
import { users } from "./tables/users.ts";

/** A generator for each table of the data model; a unit test compares the two. */
export const rowGenerators: Readonly<Record<string, RowGenerator>> = {
  users,
  categories,
  products,
  orders,
  orderdetails,
  transactions,
  reviews,
  inventory,
  shipping,
};

/** What the plan writes into `table`, as COPY text in the order of ids. */
export function* tableChunks(
  plan: SeedPlan,
  world: SeedWorld,
  table: string,
): Generator<{ bytes: Buffer; rows: number }> {
  yield* copyChunks(lines(plan, world, table));
}

/** SHA-256 over the table's COPY text, 64 hexadecimal digits: equal means the same rows to the byte. */
export function tableHash(plan: SeedPlan, world: SeedWorld, table: string): string {
  const hash = createHash("sha256");
  for (const { bytes } of tableChunks(plan, world, table)) hash.update(bytes);
  return hash.digest("hex");
}

function* lines(plan: SeedPlan, world: SeedWorld, table: string): Generator<string> {
  const generator = rowGenerators[table];
  if (!generator) throw new RangeError(`no generator for the table ${table}`);
  const row = generator(world);
  const { first, count } = idBlock(plan, table);
  for (let id = first; id < first + count; id++) yield copyLine(row(id));
}
