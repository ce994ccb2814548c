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
 */
export function checkInputs(
  type: BridgedType,
  news: Properties,
  moreFaults: (inputs: Properties) => readonly Fault[] = () => [],
): Checked {
  const faults: Fault[] = [];
  const inputs: Record<string, Value> = {};
  const defaults: string[] = [];
  for (const [name, value] of Object.entries(news)) {
    if (name === defaultsKey || value === undefined || value === null) continue;
    const property = type.properties[name];
    inputs[name] = value;
    const reason = property ? faultOf(property, value) : unknownProperty(type);
    if (reason) faults.push({ property: name, reason });
  }
  for (const [name, property] of Object.entries(type.properties)) {
    if (name in inputs) continue;
    if (property.required) {
      faults.push({
        property: name,
        reason: `is missing; give ${article(property)} (${property.description})`,
      });
    }
    if (!property.default) continue;
    inputs[name] = property.default;
    defaults.push(name);
  }
  // A cross-check on values of the wrong type would only repeat what is wrong already.
  if (faults.length === 0) faults.push(...moreFaults(inputs));
  return { inputs: { ...inputs, [defaultsKey]: defaults.sort() }, faults };
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
