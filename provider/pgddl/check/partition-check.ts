import { hasUnknown, isProperties, unknown, type Properties, type Value } from "../../host/values.ts";
import { Inspector } from "./inspector.ts";
import type { BoundSpec, PartitionSpec } from "../spec.ts";
import type { Parsed } from "./parsed.ts";
import { compareValues } from "../plan/bound-values.ts";
import { overrideKeys, parseOverrides } from "./override-check.ts";
import { parseStorage, storageKeys } from "./storage-check.ts";
import { isGiven, parsePartitionBy } from "./table-check.ts";

const targets = { allowDataLoss: ["rows"], allowRewrite: ["table"] };
const forms = "{from, to}, {in}, {modulus, remainder} or {isDefault: true}";

export function parsePartition(inputs: Properties): Parsed<PartitionSpec> {
  const look = new Inspector();
  look.keys("", inputs, [
    ...["schema", "name", "parent", "parentSchema", "owner", "bound", "partitionBy", "comment"],
    ...["moveFromDefault", "adopt", "renamedFrom", ...storageKeys, ...overrideKeys],
  ]);
  const schema = look.identifier("schema", inputs["schema"], true);
  const name = look.identifier("name", inputs["name"], true);
  const parent = look.identifier("parent", inputs["parent"], true);
  const parentSchema = look.identifier("parentSchema", inputs["parentSchema"]);
  const owner = look.identifier("owner", inputs["owner"]);
  const bound = parseBound(look, inputs["bound"]);
  const partitionBy = parsePartitionBy(look, inputs["partitionBy"]);
  if (name !== undefined && name === parent && (parentSchema ?? schema) === schema) {
    look.fault("parent", `is "${parent}", the partition itself; name the partitioned table`);
  }
  const comment = look.text("comment", inputs["comment"], "a comment");
  const moveFromDefault = look.flag("moveFromDefault", inputs["moveFromDefault"]);
  if (moveFromDefault === true && bound && "isDefault" in bound) {
    look.fault("moveFromDefault", "stands beside the bound of a default partition; remove it");
  }
  const adopt = look.flag("adopt", inputs["adopt"]);
  const renamedFrom = look.identifier("renamedFrom", inputs["renamedFrom"]);
  if (renamedFrom !== undefined && renamedFrom === name) {
    look.fault("renamedFrom", `is "${renamedFrom}", the name itself; remove it, or give the former one`);
  }
  const storage = parseStorage(look, inputs, isGiven(inputs["partitionBy"]));
  const overrides = parseOverrides(look, inputs, targets);
  if (look.faults.length > 0 || hasUnknown(inputs)) return { faults: look.faults };
  if (schema === undefined || name === undefined || parent === undefined || !bound) return { faults: [] };
  return {
    faults: [],
    spec: {
      schema,
      name,
      parent,
      ...(parentSchema !== undefined && { parentSchema }),
      ...(owner !== undefined && { owner }),
      bound,
      ...(partitionBy && { partitionBy }),
      ...(comment !== undefined && { comment }),
      ...(moveFromDefault !== undefined && { moveFromDefault }),
      ...(adopt !== undefined && { adopt }),
      ...(renamedFrom !== undefined && { renamedFrom }),
      ...storage,
      ...overrides,
    },
  };
}

function parseBound(look: Inspector, value: Value | undefined): BoundSpec | undefined {
  if (value === unknown) return undefined;
  if (!isProperties(value)) {
    look.fault(
      "bound",
      isGiven(value) ? `is ${JSON.stringify(value)}; give ${forms}` : `is missing; give ${forms}`,
    );
    return undefined;
  }
  const keys = Object.keys(value).filter((key) => isGiven(value[key]));
  if (keys.includes("from") || keys.includes("to")) return parseRange(look, value);
  if (keys.includes("in")) {
    look.keys("bound", value, ["in"]);
    const items = look.texts("bound.in", value["in"], "a list of values of the partition key, as texts");
    const texts = items?.filter((item) => item !== undefined) ?? [];
    texts.forEach((text, at) => {
      if (texts.indexOf(text) < at)
        look.fault(`bound.in[${at}]`, `"${text}" stands twice in the list; remove one`);
    });
    return { in: texts };
  }
  if (keys.includes("modulus") || keys.includes("remainder")) {
    look.keys("bound", value, ["modulus", "remainder"]);
    const modulus = look.wholeNumber("bound.modulus", value["modulus"], 1);
    const remainder = look.wholeNumber("bound.remainder", value["remainder"], 0);
    if (modulus !== undefined && remainder !== undefined && remainder >= modulus) {
      look.fault("bound.remainder", `is ${remainder}; it must be less than the modulus ${modulus}`);
    }
    return { modulus: modulus ?? 0, remainder: remainder ?? 0 };
  }
  if (keys.includes("isDefault")) {
    look.keys("bound", value, ["isDefault"]);
    if (value["isDefault"] !== true && value["isDefault"] !== unknown) {
      look.fault("bound.isDefault", `is ${JSON.stringify(value["isDefault"])}; give true, or another bound`);
    }
    return { isDefault: true };
  }
  look.fault("bound", `is ${JSON.stringify(value)}; give ${forms}`);
  return undefined;
}

function parseRange(look: Inspector, value: Properties): BoundSpec {
  look.keys("bound", value, ["from", "to"]);
  const what = "a list of values, one for each column of the partition key, as texts";
  const from = look.texts("bound.from", value["from"], what);
  const to = look.texts("bound.to", value["to"], what);
  if (from && to) {
    if (from.length !== to.length) {
      look.fault(
        "bound.to",
        `has ${count(to)}, bound.from has ${count(from)}; give both one for each key column`,
      );
    } else if (isEmptyRange(from, to)) {
      const shown = `("${from.join('", "')}") to ("${to.join('", "')}")`;
      look.fault("bound.to", `makes the range ${shown} empty; from is inclusive, to exclusive: from < to`);
    }
  }
  const known = (texts: readonly (string | undefined)[] = []): readonly string[] =>
    texts.filter((text) => text !== undefined);
  return { from: known(from), to: known(to) };
}

const count = (list: readonly unknown[]): string => `${list.length} value${list.length === 1 ? "" : "s"}`;

/** Whether to ≤ from for certain. Texts whose order depends on a type or collation are the server's to compare. */
function isEmptyRange(from: readonly (string | undefined)[], to: readonly (string | undefined)[]): boolean {
  for (const [at, low] of from.entries()) {
    const order = compareBounds(low, to[at]);
    if (order === undefined || order < 0) return false;
    if (order > 0) return true;
  }
  return true;
}

/** Negative, zero, positive like a comparator; undefined when the texts alone do not tell: the key's type is not known here. */
export function compareBounds(low: string | undefined, high: string | undefined): number | undefined {
  if (low === undefined || high === undefined) return undefined;
  const number = /^-?\d+(\.\d+)?$/;
  const moment = /^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$/;
  const isEach = (form: RegExp): boolean =>
    [low, high].every((text) => form.test(text) || text === "MINVALUE" || text === "MAXVALUE");
  if (isEach(number)) return compareValues("numeric", low, high);
  return compareValues(isEach(moment) ? "timestamp without time zone" : "", low, high);
}
