import type { Fault } from "../../../lib/errors.ts";
import type { Checked } from "../../../provider/host/provider.ts";
import {
  hasUnknown,
  isList,
  isProperties,
  type Properties,
  type Value,
} from "../../../provider/host/values.ts";
import type { BridgedType, Property } from "./property.ts";

/** Where the inputs of a state list the properties that the program left out. */
export const defaultsKey = "__defaults";

/**
 * The inputs with their defaults filled in, and all faults at once.
 * A default of false, zero or nothing is not written down: the official plugins leave it out of the inputs.
 * @param moreFaults what concerns more than one property, asked when each by itself is right
 */
export function checkInputs(
  type: BridgedType,
  news: Properties,
  moreFaults: (inputs: Properties) => readonly Fault[] = () => [],
): Checked {
  const inputs: Record<string, Value> = givenInputs(news);
  const defaults: string[] = [];
  for (const [name, property] of Object.entries(type.properties)) {
    if (name in inputs || property.required || !property.default) continue;
    inputs[name] = property.default;
    defaults.push(name);
  }
  const faults = inputFaults(type, inputs);
  return {
    inputs: { ...inputs, [defaultsKey]: defaults.sort() },
    faults: faults.length > 0 ? faults : moreFaults(inputs),
  };
}

/** What the program gave: without nothings, and without what an earlier state noted about it. */
export function givenInputs(news: Properties): Record<string, Value> {
  const inputs: Record<string, Value> = {};
  for (const [name, value] of Object.entries(news)) {
    if (name !== defaultsKey && value !== undefined && value !== null) inputs[name] = value;
  }
  return inputs;
}

/** The faults of each property by itself. */
export function inputFaults(type: BridgedType, inputs: Properties): readonly Fault[] {
  const faults: Fault[] = [];
  for (const [name, value] of Object.entries(inputs)) {
    const property = type.properties[name];
    const reason = property ? faultOf(property, value ?? null) : unknownProperty(type);
    if (reason) faults.push({ property: name, reason });
  }
  for (const [name, property] of Object.entries(type.properties)) {
    if (!property.required || name in inputs) continue;
    faults.push({
      property: name,
      reason: `is missing; give ${article(property)} (${property.description})`,
    });
  }
  return faults;
}

function faultOf(property: Property, value: Value): string | undefined {
  if (property.refused) return property.refused;
  if (hasUnknown(value)) return undefined;
  // What a secret holds stays out of the message.
  const shown = property.secret ? "the value" : JSON.stringify(value);
  if (!hasType(property, value)) return `${shown} is not ${article(property)}; give ${article(property)}`;
  if (property.minimum !== undefined && typeof value === "number") {
    if (value < property.minimum) return `${shown} is too small; give ${property.minimum} or more`;
    if (!Number.isSafeInteger(value)) return `${shown} is not a whole number; give one`;
  }
  if (property.allowed && typeof value === "string" && !property.allowed.includes(value)) {
    return `${shown} is not allowed; give one of ${property.allowed.join(", ")}`;
  }
  return undefined;
}

function hasType(property: Property, value: Value): boolean {
  switch (property.type) {
    case "strings":
      return isList(value) && value.every((item) => typeof item === "string");
    case "map":
      return isProperties(value) && Object.values(value).every((item) => typeof item === "string");
    case "string":
    case "number":
    case "boolean":
      return typeof value === property.type;
  }
}

function article(property: Property): string {
  return {
    string: "a text",
    number: "a number",
    boolean: "true or false",
    strings: "a list of texts",
    map: "a map of texts",
  }[property.type];
}

function unknownProperty(type: BridgedType): string {
  const known = Object.keys(type.properties).sort().join(", ");
  return `is no property of ${type.token}; remove it, or write one of ${known}`;
}
