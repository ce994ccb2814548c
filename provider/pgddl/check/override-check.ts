import { identifierFault } from "../../../lib/identifier.ts";
import type { Properties, Value } from "../../host/values.ts";
import type { OverrideSpec } from "../spec.ts";
import type { Inspector } from "./inspector.ts";

/** What the permissions of a type can name: `rows`, or `column:` before a name of one's own. */
export type Targets = Readonly<Record<keyof OverrideSpec, readonly string[]>>;

export const overrideKeys = ["allowDataLoss", "allowRewrite"] as const;

/** The permissions of one update; a target that the type does not have is a fault. */
export function parseOverrides(look: Inspector, inputs: Properties, targets: Targets): OverrideSpec {
  const [allowDataLoss, allowRewrite] = overrideKeys.map((key) =>
    parseTargets(look, key, inputs[key], targets[key]),
  );
  return { ...(allowDataLoss && { allowDataLoss }), ...(allowRewrite && { allowRewrite }) };
}

function parseTargets(
  look: Inspector,
  path: string,
  value: Value | undefined,
  allowed: readonly string[],
): readonly string[] | undefined {
  // An empty list says the same as none.
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return undefined;
  const known = allowed.map((each) => `"${each.endsWith(":") ? `${each}NAME` : each}"`).join(" or ");
  const items = look.list(path, value, `a list of ${known}`);
  const targets = items?.map((item, at) => look.text(`${path}[${at}]`, item, known, true));
  targets?.forEach((target, at) => {
    if (target === undefined) return;
    const name = allowed.find((each) => (each.endsWith(":") ? target.startsWith(each) : target === each));
    const fault = name?.endsWith(":") === true ? identifierFault(target.slice(name.length)) : undefined;
    if (name === undefined)
      look.fault(`${path}[${at}]`, `is "${target}", which names nothing; give ${known}`);
    else if (fault !== undefined) look.fault(`${path}[${at}]`, fault);
    else if (targets.indexOf(target) < at)
      look.fault(`${path}[${at}]`, `"${target}" stands twice in the list; remove one`);
  });
  return targets?.filter((target) => target !== undefined);
}
