import { createHash } from "node:crypto";
import { maxIdentifierBytes } from "../../../lib/identifier.ts";

const suffix = "_pgddl_not_null";

/**
 * The check that proves a column free of nulls for the time of one update. Its name follows from the column's, so
 * that an update after a cut-off one knows it again.
 */
export function notNullHelperName(column: string): string {
  const name = column + suffix;
  if (Buffer.byteLength(name) <= maxIdentifierBytes) return name;
  const mark = `_${createHash("sha256").update(column).digest("hex").slice(0, 8)}${suffix}`;
  let kept = "";
  for (const letter of column) {
    if (Buffer.byteLength(kept + letter + mark) > maxIdentifierBytes) break;
    kept += letter;
  }
  return kept + mark;
}
