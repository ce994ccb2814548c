import type { Plan } from "./statement.ts";

/** A property that is not as wanted, by its path in the inputs (`columns[2].type`). */
export interface Change {
  readonly path: string;
  readonly kind: "add" | "update" | "delete";
}

/** A change that is not made, and why. */
export interface Refusal {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
  readonly hint: string;
}

/** What is between the live object and the wanted one. Without refusals the plan makes them equal. */
export interface Difference {
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
  /** What the user should know and nothing stops for. */
  readonly warnings: readonly string[];
  readonly plan: Plan;
}

export const noDifference: Difference = { changes: [], refusals: [], warnings: [], plan: [] };

/** All refusals of one object in one text. */
export function renderRefusals(object: string, refusals: readonly Refusal[]): string {
  const lines = refusals.map(
    (each) => `  ${each.path}: ${each.from} → ${each.to}\n    why: ${each.why}\n    what to do: ${each.hint}`,
  );
  return `${object}: refused, nothing was changed\n${lines.join("\n")}`;
}
