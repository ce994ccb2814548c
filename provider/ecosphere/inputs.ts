import type { z } from "zod";
import type { Fault } from "../../lib/errors.ts";
import type { Checked, Diff } from "../host/provider.ts";
import { hasUnknown, isSame, type Properties, type Value } from "../host/values.ts";

/** What each property allows. The message of a rule completes "PROPERTY …": "must be a whole number". */
export type Rules = Readonly<Record<string, z.ZodType<Value | undefined>>>;

/** Fills in defaults and reports every fault at once; a value that is unknown in a preview passes. */
export function checkInputs(rules: Rules, secrets: readonly string[], news: Properties): Checked {
  const inputs: Record<string, Value> = {};
  const faults: Fault[] = [];
  for (const [property, rule] of Object.entries(rules)) {
    const value = news[property];
    if (hasUnknown(value)) {
      if (value !== undefined) inputs[property] = value;
      continue;
    }
    const result = rule.safeParse(value ?? undefined);
    if (!result.success) {
      const reasons = new Set(result.error.issues.map((issue) => issue.message));
      const received = secrets.includes(property) ? "the secret given" : JSON.stringify(value);
      const got = value === undefined || value === null ? "it is missing" : `received ${received}`;
      faults.push({ property, reason: `${property} ${[...reasons].join(" and ")}; ${got}` });
    } else if (result.data !== undefined) {
      inputs[property] = result.data;
    }
  }
  for (const property of Object.keys(news)) {
    // The engine's own keys begin with two underscores.
    if (property in rules || property.startsWith("__")) continue;
    const allowed = Object.keys(rules).join(", ");
    faults.push({ property, reason: `${property} is no property of this type; allowed: ${allowed}` });
  }
  return { inputs, faults };
}

/** Which inputs differ, those in `ignored` apart. */
export function diffInputs(old: Properties, news: Properties, ignored: readonly string[]): Diff["changes"] {
  const changes = new Map<string, "add" | "update" | "delete">();
  for (const property of new Set([...Object.keys(old), ...Object.keys(news)])) {
    if (ignored.includes(property) || property.startsWith("__")) continue;
    if (isSame(old[property], news[property])) continue;
    const kind = old[property] === undefined ? "add" : news[property] === undefined ? "delete" : "update";
    changes.set(property, kind);
  }
  return changes;
}
