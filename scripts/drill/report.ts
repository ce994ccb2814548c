import type { RowVerdict } from "./check-rows.ts";
import type { Moment } from "./timeline.ts";

/** What one round has found. Seconds that are missing never ended, or never began. */
export interface RoundReport {
  readonly fault: string;
  readonly hit: readonly string[];
  readonly timeline: readonly Moment[];
  /** From the last acknowledged insert before to the first after, over all clients. */
  readonly writeGapSeconds: number | undefined;
  /** The longest that one client has waited between two acknowledged inserts. */
  readonly worstClientSeconds: number | undefined;
  readonly readGapSeconds: number | undefined;
  /** Undefined when the cluster did not become whole, so that nobody can say. */
  readonly rows: RowVerdict | undefined;
  /** A sentence for each commit that a second primary has accepted. */
  readonly secondPrimaries: readonly string[];
  /** What the drill had to mend, since nobody else did; the end of a fault that only its maker can end is not among it. */
  readonly helped: readonly string[];
  readonly isWhole: boolean;
  /** Whether the user has ended it: the gaps say little then, the rows all the same. */
  readonly isCutShort: boolean;
  readonly problems: readonly string[];
}

export interface DrillReport {
  /** Of the random order; undefined when the faults were named. */
  readonly seed: number | undefined;
  readonly rounds: readonly RoundReport[];
  /** Faults that were left out, and why. */
  readonly leftOut: readonly string[];
  /** The rows of all rounds, looked at once more at the end: a later fault may lose an earlier round's. */
  readonly atTheEnd: RowVerdict | undefined;
  readonly isPassed: boolean;
}

/** Everything that is wrong in a round, as sentences. */
export function faultsFound(round: RoundReport): string[] {
  const { rows, secondPrimaries, isWhole, problems } = round;
  return [
    ...(isWhole ? [] : ["the cluster did not become whole"]),
    ...(rows === undefined ? ["the rows could not be counted"] : rowFaults(rows)),
    ...secondPrimaries.slice(0, 5).map((why) => `two primaries: ${why}`),
    ...problems,
  ];
}

export function rowFaults({ lost, unexpected }: RowVerdict): string[] {
  const [first] = lost;
  return [
    ...(first === undefined
      ? []
      : [
          `${lost.length} acknowledged rows are lost, the first is ${first.id} of ${first.source}, missing on ${first.missingOn.join(", ")}`,
        ]),
    ...unexpected.slice(0, 5).map((what) => `unexpected: ${what}`),
  ];
}
