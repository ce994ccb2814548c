import Table from "cli-table3";

export interface TableSummary {
  readonly table: string;
  readonly rows: number;
  /** False: it was there already, from a seed that was cut off, or the plan adds nothing to it. */
  readonly written: boolean;
  readonly ms: number;
  /** SHA-256 of the rows that the plan has for the table, as COPY text; empty when it has none. */
  readonly hash: string;
}

export type SeedResult =
  | {
      readonly kind: "seeded";
      readonly mode: "fresh" | "append";
      /** True when a seed that was cut off was completed. */
      readonly resumed: boolean;
      readonly rows: number;
      readonly seed: number;
      readonly asOf: string;
      readonly tables: readonly TableSummary[];
      readonly ms: number;
    }
  | {
      readonly kind: "left-alone";
      /** The tables that hold rows. */
      readonly filled: readonly string[];
      /** Those whose rows are not of a seed with these parameters; empty when all nine tables hold rows. */
      readonly foreign: readonly string[];
    };

/** The result for people: a table and a line, or why nothing was done. */
export function describeSeedResult(result: SeedResult): string {
  if (result.kind === "left-alone") {
    const what =
      result.foreign.length > 0
        ? `rows of others are in ${result.foreign.join(", ")}`
        : "the database has rows already";
    return `Nothing was written: ${what}. Give --append to add rows, or --reset to empty the nine tables and seed again.`;
  }
  const table = new Table({
    head: ["table", "rows", "ms", "SHA-256 of the rows"],
    colAligns: ["left", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const { table: name, rows, written, ms, hash } of result.tables) {
    table.push([name, rows, written ? ms : rows === 0 ? "-" : "was there", hash.slice(0, 16)]);
  }
  const total = result.tables.reduce((sum, { rows, written }) => sum + (written ? rows : 0), 0);
  const verb = result.mode === "append" ? "Added" : result.resumed ? "Completed with" : "Wrote";
  const { seed, asOf, rows } = result;
  // An append starts at ids of its own, so the same options write other rows the next time.
  const again =
    result.mode === "fresh" ? ` Again the same: --rows ${rows} --seed ${seed} --as-of ${asOf}` : "";
  return `${table.toString()}\n${verb} ${total} rows in ${result.ms} ms.${again}`;
}
