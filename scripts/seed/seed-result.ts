import Table from "cli-table3";
import { describeSize, type SeedPlan } from "./seed-plan.ts";

export interface TableSummary {
  readonly table: string;
  readonly rows: number;
  /** Fewer than `rows` when a seed that was cut off had written some. */
  readonly newRows: number;
  /** Over the rows that the plan has for the table; empty when it has none. */
  readonly hash: string;
}

interface Rows {
  readonly plan: SeedPlan;
  readonly tables: readonly TableSummary[];
  readonly ms: number;
}

export type SeedResult =
  | (Rows & {
      readonly kind: "seeded";
      /** True when a seed that was cut off was completed. */
      readonly isResumed: boolean;
    })
  | (Rows & { /** Nothing was written. */ readonly kind: "generated" })
  | {
      readonly kind: "left-alone";
      /** The tables that hold rows. */
      readonly filled: readonly string[];
    };

/** The result for people: a table and a line, or why nothing was done. */
export function describeSeedResult(result: SeedResult): string {
  if (result.kind === "left-alone") {
    return "Nothing was written: the database has rows already. Give --append to add rows, or --reset to empty the nine tables and seed again.";
  }
  const table = new Table({
    head: ["table", "rows", "hash of the rows (SHA-256)"],
    colAligns: ["left", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const { table: name, rows, hash } of result.tables) table.push([name, rows, hash]);
  const { mode, size, seed, asOf } = result.plan;
  const total = result.tables.reduce((sum, { newRows }) => sum + newRows, 0);
  const verb = result.kind === "generated" ? "Generated" : mode === "append" ? "Added" : "Wrote";
  const rest = result.kind === "seeded" && result.isResumed ? ", the rest of a seed that was cut off" : "";
  const speed = Math.round(total / Math.max(result.ms / 1000, 0.001)).toLocaleString("en");
  const seconds = (result.ms / 1000).toFixed(1);
  // An append starts at ids of its own, so the same options write other rows the next time.
  const again =
    mode === "fresh" ? ` Again the same: ${describeSize(size)} --seed ${seed} --as-of ${asOf}` : "";
  return `${table.toString()}\n${verb} ${total} rows in ${seconds} s (${speed} rows/s)${rest}.${again}`;
}
