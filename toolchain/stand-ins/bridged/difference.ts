import type { Change, Diff } from "../../../provider/host/provider.ts";
import { hasUnknown, isSame, type Value } from "../../../provider/host/values.ts";
import { canonical, isZero, type BridgedType, type Property } from "./property.ts";

/**
 * What the program wants and the state does not have. The outputs are compared, not the old inputs: they
 * tell what is there. Nothing, zero and an empty list are one and the same, as they are to the official plugins.
 */
export function difference(type: BridgedType, change: Change): Diff {
  const changes = new Map<string, "add" | "update" | "delete">();
  const replaces: string[] = [];
  for (const [name, property] of Object.entries(type.properties)) {
    const wanted = change.news[name] ?? null;
    if (property.writeOnly || (wanted === null && property.computed)) continue;
    const old = effective(property, change.old.outputs[name]);
    const now = effective(property, wanted);
    if (!hasUnknown(now) && (isSame(old, now) || (isZero(old) && isZero(now)))) continue;
    changes.set(name, isZero(old) ? "add" : isZero(now) ? "delete" : "update");
    if (property.replaces) replaces.push(name);
  }
  const deleteBeforeReplace = replaces.length > 0 && type.deleteBeforeReplace;
  return { changes, replaces, deleteBeforeReplace };
}

function effective(property: Property, value: Value | undefined): Value {
  return canonical(property, value ?? property.default ?? null);
}
