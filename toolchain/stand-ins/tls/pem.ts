import type { Fault } from "../../../lib/errors.ts";
import type { Properties } from "../../../provider/host/values.ts";
import { textOf } from "./read-inputs.ts";

/** The inputs that are not the PEM that they should be. Nothing of them is told: they may be keys. */
export function pemFaults(inputs: Properties, labels: Readonly<Record<string, string>>): readonly Fault[] {
  return Object.entries(labels).flatMap(([property, label]) =>
    new RegExp(`^-----BEGIN (\\w+ )?${label}-----$`, "m").test(textOf(inputs, property))
      ? []
      : [{ property, reason: `is no PEM of a ${label}; give the output of the resource that makes it` }],
  );
}
