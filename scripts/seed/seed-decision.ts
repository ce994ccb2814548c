import { commerceTables } from "../../lib/commerce-model.ts";
import { UserError } from "../../lib/errors.ts";
import type { SeedJournal } from "./seed-journal.ts";
import { withDefaults, type SeedParameters } from "./seed-options.ts";
import { freshPlan, type SeedPlan } from "./seed-plan.ts";

/** What a seed is going to do. `resume`: compare what is there with the plan and write what is missing. */
export type SeedDecision =
  | { readonly kind: "leave-alone" }
  | { readonly kind: "fresh"; readonly plan: SeedPlan }
  | { readonly kind: "reset"; readonly plan: SeedPlan }
  | { readonly kind: "append"; readonly parameters: SeedParameters }
  | { readonly kind: "resume"; readonly plan: SeedPlan; readonly known: boolean };

export interface SeedSituation {
  /** What the user said, without defaults. */
  readonly said: Partial<SeedParameters>;
  readonly append: boolean;
  readonly reset: boolean;
  /** Of an unfinished seed of this very database. */
  readonly journal: SeedJournal | undefined;
  /** The tables that hold a row. */
  readonly filled: ReadonlySet<string>;
}

/** @throws UserError `seed-unfinished` when parameters were given that differ from those half written */
export function decideSeed({ said, append, reset, journal, filled }: SeedSituation): SeedDecision {
  if (reset) return { kind: "reset", plan: freshPlan(withDefaults(said)) };
  const agrees = journal !== undefined && agreesWith(said, journal.plan);
  if (append) {
    if (journal?.phase === "write" && journal.plan.mode === "append" && agrees) {
      return { kind: "resume", plan: journal.plan, known: true };
    }
    return { kind: "append", parameters: withDefaults(said) };
  }
  if (journal) {
    if (filled.size === 0)
      return { kind: "fresh", plan: agrees ? journal.plan : freshPlan(withDefaults(said)) };
    // Rows are there, so the transaction that was to empty the tables did not end.
    if (journal.phase === "truncate") return { kind: "leave-alone" };
    if (!agrees) throw unfinished(journal.plan);
    return { kind: "resume", plan: journal.plan, known: true };
  }
  if (filled.size === 0) return { kind: "fresh", plan: freshPlan(withDefaults(said)) };
  if (filled.size === commerceTables.length) return { kind: "leave-alone" };
  return { kind: "resume", plan: freshPlan(withDefaults(said)), known: false };
}

function agreesWith(said: Partial<SeedParameters>, plan: SeedPlan): boolean {
  return (
    (said.rows ?? plan.rows) === plan.rows &&
    (said.seed ?? plan.seed) === plan.seed &&
    (said.asOf ?? plan.asOf) === plan.asOf
  );
}

function unfinished({ rows, seed, asOf }: SeedPlan): UserError {
  return new UserError(
    "seed-unfinished",
    `a seed with --rows ${rows} --seed ${seed} --as-of ${asOf} was cut off and is half written`,
    "Run ./ecosphere seed without these options to complete it, or with --reset to begin anew.",
  );
}
