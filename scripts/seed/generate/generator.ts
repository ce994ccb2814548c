import type { SeedPlan } from "../seed-plan.ts";
import { categories } from "./categories.ts";
import type { MakeRow, RowGenerator } from "./row-generator.ts";
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
  readonly #make: ReadonlyMap<string, MakeRow>;

  private constructor(make: ReadonlyMap<string, MakeRow>) {
    this.#make = make;
  }

  /** Takes a tenth of a second: it hashes the passwords that users share. */
  static async of(plan: SeedPlan): Promise<Generator> {
    return new Generator(
      plan.realistic ? makers(shopRows, await shopWorld(plan)) : makers(uniformRows, await seedWorld(plan)),
    );
  }

  /** @throws RangeError for a table that is not of the data model */
  table(name: string): MakeRow {
    const make = this.#make.get(name);
    if (!make) throw new RangeError(`no generator for the table ${name}`);
    return make;
  }
}

function makers<World extends SeedWorld>(
  generators: Generators<World>,
  world: World,
): ReadonlyMap<string, MakeRow> {
  return new Map(Object.entries(generators).map(([name, generator]) => [name, generator(world)]));
}
