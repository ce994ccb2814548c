import { quoteIdentifier } from "../../../lib/identifier.ts";
import type { PartitionBySpec } from "../spec.ts";

/** ` PARTITION BY …`, or nothing. */
export function partitionBySql(partitionBy: PartitionBySpec | undefined): string {
  return partitionBy
    ? ` PARTITION BY ${partitionBy.strategy.toUpperCase()} (${partitionBy.columns.map(quoteIdentifier).join(", ")})`
    : "";
}

/** `range (at)`, `not partitioned`. */
export function partitionText(
  partitionBy: { readonly strategy: string; readonly columns: readonly string[] } | undefined,
): string {
  return partitionBy ? `${partitionBy.strategy} (${partitionBy.columns.join(", ")})` : "not partitioned";
}
