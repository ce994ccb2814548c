import type { Properties } from "../../../provider/host/values.ts";
import type { BridgedType, Property } from "./property.ts";

/** The package's schema for GetSchema, which `pulumi import` reads to write a program. */
export function packageSchema(name: string, version: string, types: readonly BridgedType[]): Properties {
  return {
    name,
    version,
    resources: Object.fromEntries(types.map((type) => [type.token, resourceSchema(type)])),
    language: { nodejs: { packageName: `@pulumi/${name}`, compatibility: "tfbridge20" } },
  };
}

function resourceSchema(type: BridgedType): Properties {
  const all = { ...type.properties, ...type.outputs };
  return {
    description: type.description,
    properties: specs(all),
    required: Object.entries(all)
      .filter(([, property]) => property.required ?? property.computed)
      .map(([name]) => name),
    inputProperties: specs(type.properties),
    requiredInputs: Object.entries(type.properties)
      .filter(([name, property]) => property.required && name !== "name")
      .map(([name]) => name),
  };
}

function specs(properties: Readonly<Record<string, Property>>): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      {
        ...typeSpec(property),
        description: property.description,
        ...(property.secret ? { secret: true } : {}),
        ...(property.replaces ? { willReplaceOnChanges: true } : {}),
      },
    ]),
  );
}

function typeSpec(property: Property): Properties {
  if (property.type === "strings") return { type: "array", items: { type: "string" } };
  if (property.type === "map") return { type: "object", additionalProperties: { type: "string" } };
  if (property.type === "number") return { type: "integer" };
  return { type: property.type };
}
