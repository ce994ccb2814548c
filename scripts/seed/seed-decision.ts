import { UserError } from "../../lib/errors.ts";
import type { SeedRun } from "./manifest.ts";
import { withDefaults } from "./seed-options.ts";
import { describeSize, freshPlan, type SeedParameters, type SeedPlan } from "./seed-plan.ts";

/** What a seed is going to do. `go-on`: write the ranges that an unfinished one has not written. */
export type SeedDecision =
  | { readonly kind: "leave-alone" }
  | { readonly kind: "fresh" | "reset"; readonly plan: SeedPlan }
  | { readonly kind: "append"; readonly parameters: SeedParameters }
  | { readonly kind: "go-on"; readonly run: SeedRun };

export interface SeedSituation {
  /** What the user said, without defaults. */
  readonly said: Partial<SeedParameters>;
  readonly append: boolean;
  readonly reset: boolean;
  readonly runs: readonly SeedRun[];
  /** The tables that hold a row. */
  readonly filled: ReadonlySet<string>;
}

/** @throws UserError `seed-unfinished` when something else was asked for than what is half written */
export function decideSeed({ said, append, reset, runs, filled }: SeedSituation): SeedDecision {
  if (reset) return { kind: "reset", plan: freshPlan(withDefaults(said)) };
  const unfinished = runs.find(({ isFinished }) => !isFinished);
  if (unfinished) {
    const isMeant = agreesWith(said, unfinished.plan) && (!append || unfinished.plan.mode === "append");
    if (isMeant) return { kind: "go-on", run: unfinished };
    if (filled.size > 0) throw halfWritten(unfinished.plan);
  }
  if (append) return { kind: "append", parameters: withDefaults(said) };
  if (filled.size > 0) return { kind: "leave-alone" };
  return { kind: "fresh", plan: freshPlan(withDefaults(said)) };
}

/** The config key is no wish of the moment: a seed that was cut off goes on as it began. */
function agreesWith({ size, seed, asOf }: Partial<SeedParameters>, plan: SeedPlan): boolean {
  return (
    (size === undefined || describeSize(size) === describeSize(plan.size)) &&
    (seed ?? plan.seed) === plan.seed &&
    (asOf ?? plan.asOf) === plan.asOf
  );
}

function halfWritten({ size, seed, asOf }: SeedPlan): UserError {
  return new UserError(
    "seed-unfinished",
    `a seed with ${describeSize(size)} --seed ${seed} --as-of ${asOf} was cut off and is half written`,
    "Run ./ecosphere seed without these options to complete it, or with --reset to begin anew.",
  );
}
