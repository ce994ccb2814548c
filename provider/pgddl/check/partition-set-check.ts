import { calendarUnits } from "../../../lib/calendar.ts";
import { hasUnknown, type Properties, type Value } from "../../host/values.ts";
import { windowFaults } from "../plan/partition-set-window.ts";
import type { PartitionSetSpec, SetInterval } from "../spec.ts";
import { Inspector } from "./inspector.ts";
import { parseOverrides } from "./override-check.ts";
import type { Parsed } from "./parsed.ts";
import { isGiven } from "./table-check.ts";

const known = [
  ...["schema", "parent", "owner", "interval", "range", "asOf", "premake", "retention", "detachGrace"],
  ...["prefix", "moveFromDefault", "childPolicy", "allowDataLoss", "adopt"],
];

const targets = { allowDataLoss: ["partition:"], allowRewrite: [] };

export function parsePartitionSet(inputs: Properties): Parsed<PartitionSetSpec> {
  const look = new Inspector();
  look.keys("", inputs, known);
  const number = (key: string): number | undefined =>
    isGiven(inputs[key]) ? look.wholeNumber(key, inputs[key], 0) : undefined;
  const schema = look.identifier("schema", inputs["schema"], true);
  const parent = look.identifier("parent", inputs["parent"], true);
  const owner = look.identifier("owner", inputs["owner"]);
  const interval = parseInterval(look, inputs["interval"]);
  const range = parseRange(look, inputs["range"]);
  const asOf = valueText(look, "asOf", inputs["asOf"], true);
  const [premake, retention] = [number("premake"), number("retention")];
  const detachGrace = number("detachGrace");
  const prefix = look.identifier("prefix", inputs["prefix"]);
  const moveFromDefault = look.flag("moveFromDefault", inputs["moveFromDefault"]);
  const childPolicy = look.choice("childPolicy", inputs["childPolicy"], ["ignore", "report", "adopt"]);
  const overrides = parseOverrides(look, { allowDataLoss: inputs["allowDataLoss"] ?? null }, targets);
  const adopt = look.flag("adopt", inputs["adopt"]);
  if (look.faults.length > 0 || hasUnknown(inputs)) return { faults: look.faults };
  if (
    schema === undefined ||
    parent === undefined ||
    interval === undefined ||
    !range ||
    asOf === undefined
  ) {
    return { faults: [] };
  }
  const spec: PartitionSetSpec = {
    schema,
    parent,
    ...(owner !== undefined && { owner }),
    interval,
    range,
    asOf,
    ...(premake !== undefined && { premake }),
    ...(retention !== undefined && { retention }),
    ...(detachGrace !== undefined && { detachGrace }),
    ...(prefix !== undefined && { prefix }),
    ...(moveFromDefault !== undefined && { moveFromDefault }),
    ...(childPolicy !== undefined && { childPolicy }),
    ...overrides,
    ...(adopt !== undefined && { adopt }),
  };
  const faults = windowFaults(spec);
  return faults.length > 0 ? { faults } : { faults, spec };
}

function parseInterval(look: Inspector, value: Value | undefined): SetInterval | undefined {
  if (typeof value === "number") {
    if (Number.isSafeInteger(value) && value >= 1) return value;
    look.fault("interval", `is ${value}; give a whole number of at least 1`);
    return undefined;
  }
  return look.choice("interval", value, calendarUnits, true);
}

function parseRange(look: Inspector, value: Value | undefined): PartitionSetSpec["range"] | undefined {
  const range = look.object("range", value, ["from", "to"]);
  if (!range) return undefined;
  const from = valueText(look, "range.from", range["from"], true);
  const to = valueText(look, "range.to", range["to"], false);
  return from === undefined ? undefined : { from, ...(to !== undefined && { to }) };
}

function valueText(
  look: Inspector,
  path: string,
  value: Value | undefined,
  isRequired: boolean,
): string | undefined {
  return look.text(path, value, 'a date or a whole number, as text: "2026-11-22"', isRequired);
}
