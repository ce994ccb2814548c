import type { Fault } from "../../../lib/errors.ts";
import type { Resource } from "../../../provider/host/provider.ts";
import {
  hasUnknown,
  isProperties,
  unknown,
  type Properties,
  type Value,
} from "../../../provider/host/values.ts";
import { givenInputs, inputFaults } from "../bridged/check.ts";
import { difference } from "../bridged/difference.ts";
import { secretNames } from "../bridged/property.ts";
import { generatePassword, type Recipe } from "./generate.ts";
import { passwordType } from "./password-type.ts";

/** The only id there is: the password itself is no place to tell one resource from another. */
const onlyId = "none";
/** The official plugin's version of the state's shape; without it that would take the state for an ancient one. */
const meta = { __meta: '{"schema_version":"3"}' };
const bcryptCost = 10;

export const passwordResource: Resource = {
  secrets: secretNames(passwordType),
  check: async (news) => {
    const inputs = givenInputs(news);
    const faults = inputFaults(passwordType, inputs);
    return { inputs, faults: faults.length > 0 ? faults : recipeFaults(inputs) };
  },
  diff: async (change) => {
    const old = { ...change.old, outputs: withoutEmpty(change.old.outputs) };
    return difference(passwordType, { ...change, old, news: withoutEmpty(withDefaults(change.news)) });
  },
  create: async (inputs, preview) => {
    const outputs = { ...meta, ...withDefaults(inputs), id: onlyId };
    if (preview)
      return { id: unknown, outputs: { ...outputs, id: unknown, result: unknown, bcryptHash: unknown } };
    const result = generatePassword(recipeOf(inputs));
    return { id: onlyId, outputs: { ...outputs, result, bcryptHash: await bcryptHash(result) } };
  },
  read: async (id, known) => {
    // Nothing outside the state knows the password: what the state holds is how it is.
    if (known) return { id, ...known };
    const inputs = {
      length: Buffer.byteLength(id),
      lower: true,
      number: true,
      numeric: true,
      special: true,
      upper: true,
    };
    const outputs = {
      ...meta,
      ...withDefaults(inputs),
      id: onlyId,
      result: id,
      bcryptHash: await bcryptHash(id),
    };
    return { id: onlyId, inputs, outputs };
  },
  update: async (change) => {
    const { result, bcryptHash: hash } = change.old.outputs;
    return { ...meta, ...withDefaults(change.news), id: onlyId, result, bcryptHash: hash };
  },
  delete: async () => undefined,
};

/** The inputs with every default; what has neither is left out, as the official plugin leaves it out. */
function withDefaults(inputs: Properties): Properties {
  const numeric = inputs.numeric ?? inputs.number ?? true;
  const filled: Record<string, Value> = {};
  for (const [name, property] of Object.entries(passwordType.properties)) {
    const value = inputs[name] ?? property.default;
    if (value !== undefined) filled[name] = value;
  }
  return { ...filled, number: numeric, numeric };
}

/** An empty map of keepers is none. */
function withoutEmpty(properties: Properties): Properties {
  const { keepers, ...others } = properties;
  return isProperties(keepers) && Object.keys(keepers).length === 0 ? others : properties;
}

function recipeOf(inputs: Properties): Recipe {
  const filled = withDefaults(inputs);
  const own = typeof filled.overrideSpecial === "string" ? filled.overrideSpecial : "";
  const kind = (characters: string, included: string, minimum: string): Recipe["kinds"][number] => ({
    characters,
    included: filled[included] === true,
    minimum: numberOf(filled[minimum]),
  });
  return {
    length: numberOf(filled.length),
    kinds: [
      kind("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "upper", "minUpper"),
      kind("abcdefghijklmnopqrstuvwxyz", "lower", "minLower"),
      kind("0123456789", "numeric", "minNumeric"),
      kind(own === "" ? "!@#$%&*()-_=+[]{}<>:?" : own, "special", "minSpecial"),
    ],
  };
}

function recipeFaults(inputs: Properties): readonly Fault[] {
  if (hasUnknown(inputs)) return [];
  const faults: Fault[] = [];
  const { length, kinds } = recipeOf(inputs);
  const least = kinds.reduce((sum, kind) => sum + kind.minimum, 0);
  if (least > length) {
    faults.push({
      property: "length",
      reason: `${length} is less than the ${least} characters that minUpper, minLower, minNumeric and minSpecial ask for; give ${least} or more`,
    });
  }
  if (!kinds.some((kind) => kind.included)) {
    faults.push({
      property: "upper",
      reason: "upper, lower, numeric and special are all false; set one to true",
    });
  }
  if (inputs.number !== undefined && inputs.numeric !== undefined && inputs.number !== inputs.numeric) {
    faults.push({ property: "number", reason: "differs from numeric, which replaces it; remove number" });
  }
  return faults;
}

/** The official plugin writes the older prefix; both name the same algorithm. */
async function bcryptHash(password: string): Promise<string> {
  // Half of the plugin's start-up time, for a program that may make no password at all.
  const { genSalt, hash } = await import("bcryptjs");
  const salt = await genSalt(bcryptCost);
  return hash(password, salt.replace(/^\$2[by]\$/, "$2a$"));
}

function numberOf(value: Value | undefined): number {
  return typeof value === "number" ? value : 0;
}
