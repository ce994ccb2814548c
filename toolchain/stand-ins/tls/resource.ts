import type { Fault } from "../../../lib/errors.ts";
import { UserError } from "../../../lib/errors.ts";
import type { Diff, Resource } from "../../../provider/host/provider.ts";
import { unknown, type Properties, type Value } from "../../../provider/host/values.ts";
import { givenInputs, inputFaults } from "../bridged/check.ts";
import { difference } from "../bridged/difference.ts";
import { secretNames, type BridgedType } from "../bridged/property.ts";

/** What the types of this plugin differ in. */
export interface Making {
  readonly type: BridgedType;
  /** What concerns more than one property, asked when each by itself is right and known. */
  readonly faults?: (inputs: Properties) => readonly Fault[];
  /** Makes the object from its inputs with every default; returns its id and its outputs. */
  readonly make: (inputs: Properties) => Promise<{ readonly id: string; readonly outputs: Properties }>;
  /** The outputs as they are now: time alone may have changed them. */
  readonly refresh?: (outputs: Properties) => Properties;
}

/** The life-cycle that they share: what was made is in the state and nowhere else. */
export function resourceOf({ type, faults, make, refresh = (outputs) => outputs }: Making): Resource {
  return {
    secrets: secretNames(type),
    check: async (news) => {
      const inputs = givenInputs(news);
      const own = inputFaults(type, inputs);
      const isKnown = !Object.values(inputs).includes(unknown);
      return { inputs, faults: own.length > 0 || !isKnown ? own : (faults?.(inputs) ?? []) };
    },
    diff: async (change) => renewal(refresh(change.old.outputs), difference(type, change)),
    create: async (inputs, preview) => {
      const filled = withDefaults(type, inputs);
      if (preview) return { id: unknown, outputs: { ...filled, ...nothingKnown(type), id: unknown } };
      const { id, outputs } = await make(filled);
      return { id, outputs: { ...filled, ...outputs, id } };
    },
    read: async (id, known) => {
      if (known) return { id, inputs: known.inputs, outputs: refresh(known.outputs) };
      throw new UserError(
        "not-importable",
        `${type.token} cannot be imported, in the official plugin neither`,
      );
    },
    update: async ({ old, news }) => ({ ...old.outputs, ...withDefaults(type, news) }),
    delete: async () => undefined,
  };
}

/** A certificate whose time has come is replaced, whatever the program says. */
function renewal(outputs: Properties, diff: Diff): Diff {
  if (outputs.readyForRenewal !== true) return diff;
  return {
    ...diff,
    changes: new Map(diff.changes).set("readyForRenewal", "update"),
    replaces: [...(diff.replaces ?? []), "readyForRenewal"],
  };
}

function nothingKnown(type: BridgedType): Properties {
  return Object.fromEntries(Object.keys(type.outputs ?? {}).map((name) => [name, unknown]));
}

/** The inputs with every default; what has neither is left out, as the official plugin leaves it out. */
function withDefaults(type: BridgedType, inputs: Properties): Properties {
  const filled: Record<string, Value> = {};
  for (const [name, property] of Object.entries(type.properties)) {
    const value = inputs[name] ?? property.default;
    if (value !== undefined) filled[name] = value;
  }
  return filled;
}
