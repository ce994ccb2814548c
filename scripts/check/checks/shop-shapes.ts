import type { Client } from "pg";
import { productExponent } from "../../seed/generate/shop/catalogue.ts";
import { firstIndex } from "../../seed/generate/first-index.ts";
import { buyerExponent, shopWorld } from "../../seed/generate/shop/shop-world.ts";
import type { RankOrder } from "../../seed/generate/rank-order.ts";
import { readRuns } from "../../seed/manifest.ts";
import { idBlock, type SeedPlan } from "../../seed/seed-plan.ts";
import type { Check } from "../check.ts";
import { rankSampleSql, shopRules } from "../shop-sql.ts";
import { zipfExponent } from "../zipf-exponent.ts";

/** How far an exponent may be from what was meant; few rows may be further off, by chance. */
const tolerance = 0.05;
const standardErrors = 4;

export const shopShapes: Check = {
  name: "shop-shapes",
  title: "What was seeded is a shop: popular products and buyers, states in their order, sums that agree",
  endpoint: "ro",
  withinMs: 60_000,
  onlyAsSeeded: true,
  run: (context) =>
    context.transaction("ro", "reporting", "snapshot", async (client) => {
      const runs = (await readRuns(client)).filter(({ isFinished, plan }) => isFinished && plan.realistic);
      const outcomes = [];
      for (const { plan } of runs) outcomes.push(await shapesOf(client, plan));
      return {
        faults: outcomes.flatMap(({ faults }) => faults),
        detail: outcomes.map(({ detail }) => detail).join("; ") || "no seed of a shop on record",
      };
    }),
};

async function shapesOf(client: Client, plan: SeedPlan): Promise<{ faults: string[]; detail: string }> {
  const faults: string[] = [];
  for (const [rule, sql] of Object.entries(shopRules(plan))) {
    const { rows } = await client.query<{ count: string }>(sql);
    if (rows[0]?.count !== "0") faults.push(`${rows[0]?.count ?? "?"} times ${rule}`);
  }
  const world = await shopWorld(plan);
  // Who registered while orders came in ordered less than the rank says.
  const old = firstIndex(
    idBlock(plan, "users").count,
    (user) => world.registrationDay(user) >= world.orderDay(0),
  );
  const products = await popularity(client, plan, {
    ...{ table: "orderdetails", column: "product_id", of: "products", order: world.catalogue.order },
    ...{ exponent: productExponent, members: idBlock(plan, "products").count },
  });
  const buyers = await popularity(client, plan, {
    ...{ table: "orders", column: "user_id", of: "users", order: world.buyers },
    ...{ exponent: buyerExponent, members: old },
  });
  faults.push(...products.faults, ...buyers.faults);
  const rules = Object.keys(shopRules(plan)).length;
  return { faults, detail: `${rules} rules hold; ${products.detail}, ${buyers.detail}` };
}

/** Whether the parents of a table's rows were chosen by a Zipf distribution of that exponent. */
async function popularity(
  client: Client,
  plan: SeedPlan,
  wanted: {
    readonly table: string;
    readonly column: string;
    readonly of: string;
    readonly order: RankOrder;
    readonly exponent: number;
    /** Only parents of an index below count. */
    readonly members: number;
  },
): Promise<{ faults: string[]; detail: string }> {
  const { table, column, of, order, exponent, members } = wanted;
  const { rows } = await client.query<{ draws: number; logSum: number }>(rankSampleSql(plan, table, column), [
    idBlock(plan, of).first,
    order.inverse,
    order.count,
    members,
  ]);
  const [sample] = rows;
  // So few say nothing.
  if (!sample || sample.draws < 30 || members < 3) return { faults: [], detail: `${of} too few to judge` };
  const found = zipfExponent(sample, ranksOf(order, members));
  const allowed = Math.max(tolerance * exponent, standardErrors * found.error);
  const text = `${of} by Zipf with ${found.exponent.toFixed(3)} (meant ${exponent})`;
  return { faults: Math.abs(found.exponent - exponent) <= allowed ? [] : [text], detail: text };
}

function* ranksOf(order: RankOrder, members: number): Iterable<number> {
  for (let rank = 1; rank <= order.count; rank++) if (order.indexOf(rank) < members) yield rank;
}
