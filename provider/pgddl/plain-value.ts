import type { Properties, Value } from "../host/values.ts";

/** Data of any declared shape as properties; what is undefined is left out. */
export function toProperties(data: object): Properties {
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, item]: [string, unknown]) =>
      item === undefined ? [] : [[key, toValue(item)]],
    ),
  );
}

function toValue(data: unknown): Value {
  if (Array.isArray(data)) return data.map(toValue);
  if (typeof data === "object" && data !== null) return toProperties(data);
  if (typeof data === "string" || typeof data === "number" || typeof data === "boolean") return data;
  return null;
}
