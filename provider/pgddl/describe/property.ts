import type { Properties } from "../../host/values.ts";

/** One property of a resource or of a type, as Pulumi's metaschema has it. */

export const text = (description: string): Properties => ({ type: "string", description });
export const flag = (description: string): Properties => ({ type: "boolean", description });
export const whole = (description: string): Properties => ({ type: "integer", description });

export const texts = (description: string): Properties => ({
  type: "array",
  items: { type: "string" },
  description,
});
/** A text for each name. */
export const textsByName = (description: string): Properties => ({
  type: "object",
  additionalProperties: { type: "string" },
  description,
});
/** One of a few texts, which Check holds against the same list. */
export const choice = (description: string, values: readonly string[]): Properties =>
  text(`${description} One of ${values.map((value) => `"${value}"`).join(", ")}.`);

/** @param type the type's own name, `Column` */
export const one = (type: string, description: string): Properties => ({ ...refTo(type), description });
export const many = (type: string, description: string): Properties => ({
  type: "array",
  items: refTo(type),
  description,
});
/** A list whose entries are texts or objects. */
export const textsOr = (type: string, description: string): Properties => ({
  type: "array",
  items: { oneOf: [{ type: "string" }, refTo(type)] },
  description,
});
export const textOrWhole = (description: string): Properties => ({
  oneOf: [{ type: "string" }, { type: "integer" }],
  description,
});

/** `pgddl:index:Column` */
export const tokenOf = (type: string): string => `pgddl:index:${type}`;

function refTo(type: string): Properties {
  return { $ref: `#/types/${tokenOf(type)}` };
}
