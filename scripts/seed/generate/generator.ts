import type { SeedPlan } from "../seed-plan.ts";
import { categories } from "./categories.ts";
import type { RowGenerator } from "./row-generator.ts";
import type { WriteRow } from "./row-sink.ts";
import { valuesOf, type MakeRow } from "./row-values.ts";
import { seedWorld, type SeedWorld } from "./seed-world.ts";
import { inventory, products } from "./shop/goods.ts";
import { reviews } from "./shop/reviews.ts";
import { orderdetails, orders, shipping, transactions } from "./shop/sales.ts";
import { shopWorld, type ShopWorld } from "./shop/shop-world.ts";
import * as uniform from "./uniform/tables.ts";
import { users } from "./users.ts";

type Generators<World extends SeedWorld> = Readonly<Record<string, RowGenerator<World>>>;

/** A generator for each table of the data model, by name; a unit test compares the two. */
const uniformRows: Generators<SeedWorld> = { users, categories, ...uniform };
const shopRows: Generators<ShopWorld> = {
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

/** Makes any row of a plan, by table and id: the same wherever, whenever and in whatever order it is asked. */
export class Generator {
  readonly #writers: ReadonlyMap<string, WriteRow>;

  private constructor(writers: ReadonlyMap<string, WriteRow>) {
    this.#writers = writers;
  }

  /** Takes a tenth of a second: it hashes the passwords that users share. */
  static async of(plan: SeedPlan): Promise<Generator> {
    return new Generator(
      plan.realistic
        ? writersOf(shopRows, await shopWorld(plan))
        : writersOf(uniformRows, await seedWorld(plan)),
    );
  }

  /** @throws RangeError for a table that is not of the data model */
  writer(name: string): WriteRow {
    const writer = this.#writers.get(name);
    if (!writer) throw new RangeError(`no generator for the table ${name}`);
    return writer;
  }

  /** The same rows as values. @throws RangeError for a table that is not of the data model */
  table(name: string): MakeRow {
    return valuesOf(this.writer(name));
  }
}

function writersOf<World extends SeedWorld>(
  generators: Generators<World>,
  world: World,
): ReadonlyMap<string, WriteRow> {
  return new Map(Object.entries(generators).map(([name, generator]) => [name, generator(world)]));
}
