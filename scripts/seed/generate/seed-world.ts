import { idBlock, type SeedPlan } from "../seed-plan.ts";
import { decadeStart, parseDay, type EpochSeconds } from "./dates.ts";
import { passwordPool } from "./password-pool.ts";
import { RandomStream } from "./random-stream.ts";
import type { RowText } from "./row-sink.ts";
import { TextPools } from "./text-pools.ts";

/** What the generators of the tables know of the plan and of one another. */
export interface SeedWorld {
  readonly plan: SeedPlan;
  /** The reference instant: midnight UTC at the start of the plan's day. Nothing past is later. */
  readonly asOf: EpochSeconds;
  readonly passwords: readonly RowText[];
  readonly pools: TextPools;
  /** A stream of its own for each name; a generator takes one at the start and positions it on each row. */
  stream(name: string): RandomStream;
  /** Any id that the plan writes into `table`. */
  anyId(table: string, random: RandomStream): number;
  /** When a user registered: half of the key that orders and reviews refer to. */
  registrationOf(userId: number): EpochSeconds;
}

/** The world of independent draws: a user registers at any moment of the decade. */
export async function seedWorld(plan: SeedPlan): Promise<SeedWorld> {
  const asOf = parseDay(plan.asOf);
  if (asOf === undefined) throw new RangeError(`no day: ${plan.asOf}`);
  const pools = new TextPools(plan.seed, new Date(asOf * 1000));
  const registrations = new RandomStream(plan.seed, "users.registration_date");
  const decade = decadeStart(asOf);
  return {
    plan,
    asOf,
    passwords: await passwordPool(plan.seed, pools),
    pools,
    stream: (name) => new RandomStream(plan.seed, name),
    anyId: (table, random) => {
      const { first, count } = idBlock(plan, table);
      return random.int(first, first + count - 1);
    },
    registrationOf: (userId) => registrations.at(userId).int(decade, asOf),
  };
}
