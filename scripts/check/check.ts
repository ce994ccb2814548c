import type { CheckContext } from "./check-context.ts";

/** Rows to be shown beside a verdict. */
export interface DisplayTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface CheckOutcome {
  /** One line each, most telling first. None: the check passed. */
  readonly faults: readonly string[];
  /** What was found, in a few words. */
  readonly detail: string;
  readonly tables?: readonly DisplayTable[];
}

/** One assertion about a deployed stack. It leaves nothing changed. */
export interface Check {
  /** Short and stable, for machines: `row-counts`. */
  readonly name: string;
  /** What holds when it passes. */
  readonly title: string;
  /** Where it looks: endpoints, or each instance itself. */
  readonly endpoint: "rw" | "ro" | "rw, ro, admin" | "instances";
  /** Default 30 s; more for each million rows that the shop has. */
  readonly withinMs?: number;
  /** Holds only as long as nobody has changed the rows that a seed wrote. */
  readonly onlyAsSeeded?: true;
  /** May throw: the message then is the fault. */
  run(context: CheckContext): Promise<CheckOutcome>;
}
