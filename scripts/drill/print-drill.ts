import Table from "cli-table3";
import { faultsFound, rowFaults, type DrillReport, type RoundReport } from "./report.ts";

/** A round for people, when it is over: its timeline, and what is wrong. */
export function renderRound(round: RoundReport): string {
  const lines = round.timeline.map(({ seconds, what }) => `  ${seconds.toFixed(2).padStart(7)} s  ${what}`);
  const wrong = faultsFound(round).map((fault) => `  WRONG: ${fault}`);
  return [...lines, ...wrong].join("\n");
}

/** The table of all rounds, and the verdict. */
export function renderReport(report: DrillReport): string {
  const table = new Table({
    head: [
      ...["fault", "hit", "write gap", "worst client", "read gap"],
      ...["acknowledged", "unknown", "lost", "2 primaries", "result"],
    ],
    style: { head: [], border: [], compact: true },
  });
  for (const round of report.rounds) {
    const { fault, hit, rows, secondPrimaries } = round;
    table.push([
      fault,
      hit.length > 3 ? `${hit.length} containers` : hit.join(", "),
      seconds(round.writeGapSeconds),
      seconds(round.worstClientSeconds),
      seconds(round.readGapSeconds),
      rows?.acknowledged ?? "?",
      rows === undefined ? "?" : `${rows.unknown} (${rows.unknownLanded} there)`,
      rows?.lost.length ?? "?",
      secondPrimaries.length,
      faultsFound(round).length > 0 ? "FAIL" : round.isCutShort ? "cut short" : "pass",
    ]);
  }
  const helped = report.rounds.flatMap(({ fault, helped: done }) =>
    done.length === 0 ? [] : [`${fault}: nobody else did it, so the drill ${done.join(", ")}`],
  );
  const passed = report.rounds.filter((round) => faultsFound(round).length === 0).length;
  return [
    table.toString(),
    ...helped,
    ...report.leftOut.map((why) => `left out: ${why}`),
    ...(report.atTheEnd ? rowFaults(report.atTheEnd).map((fault) => `WRONG at the end: ${fault}`) : []),
    ...(report.seed === undefined ? [] : [`Again in the same order: --seed ${report.seed}`]),
    `${passed} of ${report.rounds.length} rounds passed`,
  ].join("\n");
}

function seconds(value: number | undefined): string {
  return value === undefined ? "open" : `${value.toFixed(2)} s`;
}
