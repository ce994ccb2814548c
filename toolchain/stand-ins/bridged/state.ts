import type { Known } from "../../../provider/host/provider.ts";
import {
  hasUnknown,
  isList,
  isSame,
  unknown,
  type Properties,
  type Value,
} from "../../../provider/host/values.ts";
import { defaultsKey } from "./check.ts";
import { canonical, isZero, type BridgedType } from "./property.ts";

// The official plugins' own note of how they translated the state; worthless once a value has changed.
const deltaKey = "__pulumi_raw_state_delta";

/**
 * The outputs as far as they are known before anything is done; what the server decides is `unknown`.
 * @param old the outputs of the object that is being updated
 */
export function plannedOutputs(type: BridgedType, inputs: Properties, old?: Properties): Properties {
  const planned: Record<string, Value> = { id: old?.id ?? unknown };
  for (const [name, property] of Object.entries(type.properties)) {
    planned[name] = plannedValue(property, property.writeOnly ? undefined : inputs[name], old, name);
  }
  for (const name of Object.keys(type.outputs ?? {})) planned[name] = old?.[name] ?? unknown;
  return planned;
}

/**
 * The outputs after the deed: what was planned, and what is there where nothing was. Where the server differs
 * from a plan (a date in its own spelling, a privilege beyond those granted), the next refresh shows it.
 */
export function settledOutputs(
  type: BridgedType,
  planned: Properties,
  live: Properties,
  id: string,
): Properties {
  const settled: Record<string, Value | undefined> = { ...planned, id };
  for (const [name, value] of Object.entries(live)) {
    const plan = planned[name] ?? null;
    const isOpen = plan === null || plan === unknown || type.properties[name]?.computed === true;
    const stillNothing = plan === null && isList(value) && value.length === 0;
    if (isOpen && !stillNothing) settled[name] = value;
  }
  return settled;
}

/** The outputs after a refresh. */
export function refreshedOutputs(known: Properties, live: Properties, id: string): Properties {
  const { [deltaKey]: delta, ...before } = known;
  const after = { ...before, ...live, id };
  return delta !== undefined && isSame(before, after) ? known : after;
}

/** The outputs of an object that is being imported. */
export function importedOutputs(type: BridgedType, live: Properties, id: string): Properties {
  const nothing = Object.keys(type.properties).map((name) => [name, null] as const);
  return { ...Object.fromEntries(nothing), ...live, id };
}

/** The inputs after a refresh: those that were given before, with the values that are there now. */
export function refreshedInputs(known: Known, outputs: Properties): Properties {
  const inputs: Record<string, Value> = {};
  const changed = new Set<string>();
  for (const [name, old] of Object.entries(known.inputs)) {
    const now = outputs[name];
    if (name === defaultsKey || now === undefined || old === undefined) continue;
    // Element by element, so the list does not grow: the official plugins do the same.
    inputs[name] = isList(old) && isList(now) ? now.slice(0, old.length) : now;
    if (!isSame(inputs[name], old)) changed.add(name);
  }
  const defaults = known.inputs[defaultsKey];
  if (!isList(defaults)) return inputs;
  const kept = defaults.filter((name) => typeof name === "string" && name in inputs && !changed.has(name));
  return kept.length === 0 ? inputs : { ...inputs, [defaultsKey]: kept };
}

/** The inputs of an object that is being imported: all that is not what it would be anyway. */
export function importedInputs(type: BridgedType, outputs: Properties): Properties {
  const inputs: Record<string, Value> = { [defaultsKey]: [] };
  for (const [name, property] of Object.entries(type.properties)) {
    const value = outputs[name] ?? null;
    const hasDefault = property.default !== undefined;
    const isUsual = hasDefault ? value !== null && value === property.default : isZero(value);
    if (property.required || !isUsual) inputs[name] = value;
  }
  return inputs;
}

function plannedValue(
  property: BridgedType["properties"][string],
  given: Value | undefined,
  old: Properties | undefined,
  name: string,
): Value {
  if (given !== undefined && given !== null) {
    if (isList(given) && hasUnknown(given)) return unknown;
    // A new object with an empty list is one without a list.
    if (isList(given) && given.length === 0 && isZero(old?.[name])) return old?.[name] ?? null;
    return canonical(property, given);
  }
  if (property.default !== undefined) return property.default;
  const before = old?.[name] ?? null;
  if (property.computed) return old ? before : unknown;
  return isZero(before) ? before : null;
}
