import { hasUnknown, type Properties } from "../../host/values.ts";
import { Inspector } from "./inspector.ts";
import type { Parsed } from "./parsed.ts";
import type { SchemaSpec } from "../spec.ts";

export function parseSchema(inputs: Properties): Parsed<SchemaSpec> {
  const look = new Inspector();
  look.keys("", inputs, ["name", "owner", "comment", "renamedFrom", "adopt"]);
  const name = look.identifier("name", inputs["name"], true);
  const owner = look.identifier("owner", inputs["owner"]);
  const comment = look.text("comment", inputs["comment"], "a text, or leave it out");
  const renamedFrom = look.identifier("renamedFrom", inputs["renamedFrom"]);
  const adopt = look.flag("adopt", inputs["adopt"]);
  for (const [property, said] of [
    ["name", name],
    ["renamedFrom", renamedFrom],
  ] as const) {
    if (said === "information_schema")
      look.fault(property, "is information_schema, the server's own; choose another");
  }
  if (renamedFrom !== undefined && renamedFrom === name) {
    look.fault("renamedFrom", `is "${renamedFrom}", the name itself; give the old one, or leave it out`);
  }
  if (look.faults.length > 0 || hasUnknown(inputs) || name === undefined) return { faults: look.faults };
  return {
    faults: [],
    spec: {
      name,
      ...(owner !== undefined && { owner }),
      ...(comment !== undefined && { comment }),
      ...(renamedFrom !== undefined && { renamedFrom }),
      ...(adopt !== undefined && { adopt }),
    },
  };
}
