import type { Properties } from "../../../provider/host/values.ts";
import { isProperties } from "../../../provider/host/values.ts";
import type { Parsed } from "../../../provider/pgddl/check/parsed.ts";
import type { Planned } from "../../../provider/pgddl/kinds/kind.ts";
import type { Change } from "../../../provider/pgddl/plan/difference.ts";
import type { Answers } from "../../../provider/pgddl/plan/question.ts";
import type { Plan } from "../../../provider/pgddl/plan/statement.ts";

/**
 * One case: `before.json` and `after.json` hold a resource's inputs, or null where there is none; `live.json`
 * says what the catalogue has otherwise than `before` would make it (null takes a property away); `facts.json`
 * what is around it; `answers.json` what the database answers, rows by the question's key.
 * The folder's name begins with the type: `table-…`, `partition-…`, `partition-set-…`, `index-…`, `foreign-key-…`, `schema-…`.
 */
export interface DdlCase {
  readonly name: string;
  readonly folder: string;
  readonly before: Properties | undefined;
  readonly after: Properties | undefined;
  readonly live: Properties;
  readonly facts: Properties | undefined;
  readonly answers: Answers;
}

/** What comes of a case. Changes only where there is a before and an after. */
export type Outcome = Planned & { readonly changes?: readonly Change[] };

export const planned = (plan: Plan): Outcome => ({ plan, refusals: [], warnings: [] });

export function specOf<Spec>({ spec, faults }: Parsed<Spec>): Spec {
  if (spec) return spec;
  throw new Error(faults.map(({ property, reason }) => `${property} ${reason}`).join("\n"));
}

/** In live.json, null takes a property away. */
export function nullsOut(live: Properties): Record<string, unknown> {
  return Object.fromEntries(Object.entries(live).map(([key, value]) => [key, value ?? undefined]));
}

export function listOf(value: Properties[string]): readonly Properties[] {
  return Array.isArray(value) ? value.filter(isProperties) : [];
}

export function textOf(value: Properties[string]): string {
  return typeof value === "string" ? value : "";
}
