import { isProperties, unknown, type Properties, type Value } from "../../host/values.ts";
import type { StorageSpec } from "../spec.ts";
import type { Inspector } from "./inspector.ts";

export const storageKeys = ["unlogged", "tablespace", "storageParameters"] as const;

/** @param isPartitioned whether the table holds no rows of its own, so that nothing can be said of their storage */
export function parseStorage(look: Inspector, inputs: Properties, isPartitioned: boolean): StorageSpec {
  const unlogged = look.flag("unlogged", inputs["unlogged"]);
  // No identifier: the server's own tablespace begins with pg_.
  const tablespace = look.text("tablespace", inputs["tablespace"], "a tablespace's name, or leave it out");
  const storageParameters = parseParameters(look, inputs["storageParameters"]);
  const spec = {
    ...(unlogged !== undefined && { unlogged }),
    ...(tablespace !== undefined && { tablespace }),
    ...(storageParameters && { storageParameters }),
  };
  if (isPartitioned) {
    for (const key of storageKeys.filter((each) => spec[each] !== undefined && spec[each] !== false)) {
      look.fault(
        key,
        "stands beside partitionBy; a partitioned table stores no rows itself, so say it of its partitions",
      );
    }
  }
  return spec;
}

/** `{ fillfactor: "70" }`; those of the TOAST table begin with `toast.`. */
export function parseParameters(
  look: Inspector,
  value: Value | undefined,
): Readonly<Record<string, string>> | undefined {
  const path = "storageParameters";
  if (value === undefined || value === null || value === unknown) return undefined;
  if (!isProperties(value)) {
    look.fault(path, 'is no object; give a text by parameter: { fillfactor: "70" }');
    return undefined;
  }
  const parameters = Object.entries(value).flatMap(([name, given]) => {
    const at = `${path}.${name}`;
    if (name.startsWith("__")) return [];
    if (!/^(toast\.)?[a-z_]+$/.test(name)) {
      look.fault(at, `"${name}" is no storage parameter; they are of lower-case letters and underscores`);
    }
    const text = look.text(at, given, "its value as a text", true);
    return text === undefined ? [] : [[name, text] as const];
  });
  return parameters.length > 0 ? Object.fromEntries(parameters) : undefined;
}
