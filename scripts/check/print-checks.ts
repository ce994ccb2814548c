import Table from "cli-table3";
import type { DisplayTable } from "./check.ts";
import type { CheckReport, CheckResult } from "./run-checks.ts";

export interface PrintOptions {
  /** Columns of the terminal; long cells are wrapped to fit. Default 120. */
  readonly width?: number;
  readonly color?: boolean;
}

/** The report for people: what was shown, the checks, every fault, and how many passed. */
export function printChecks(
  report: CheckReport,
  write: (text: string) => void,
  { width = 120, color = false }: PrintOptions = {},
): void {
  for (const shown of report.checks.flatMap(({ tables }) => tables)) {
    write(`${shown.title}\n${displayTable(shown, width)}\n\n`);
  }
  write(`${verdictTable(report.checks, width, color)}\n`);
  for (const { title, faults } of report.checks.filter((check) => check.faults.length > 1)) {
    write(`\n${title}:\n${faults.map((fault) => `  - ${fault}`).join("\n")}\n`);
  }
  const passed = report.checks.filter((check) => check.passed).length;
  write(`\n${passed} of ${report.checks.length} checks passed\n`);
}

/** The report for machines: one JSON document. */
export function checksAsJson(report: CheckReport): string {
  return JSON.stringify(report, undefined, 2);
}

function verdictTable(checks: readonly CheckResult[], width: number, color: boolean): string {
  const fixed = { endpoint: 15, result: 8 };
  const borders = 5;
  const rest = Math.max(width - fixed.endpoint - fixed.result - borders, 50);
  const title = Math.min(46, Math.floor(rest / 2));
  const table = new Table({
    head: ["check", "endpoint", "result", "detail"],
    colWidths: [title, fixed.endpoint, fixed.result, rest - title],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const check of checks) {
    table.push([check.title, check.endpoint, verdict(check.passed, color), check.detail]);
  }
  return table.toString();
}

function verdict(passed: boolean, color: boolean): string {
  const text = passed ? "pass" : "FAIL";
  if (!color) return text;
  return passed ? `\u001b[32m${text}\u001b[39m` : `\u001b[31m${text}\u001b[39m`;
}

/** Each column as wide as its texts up to an equal share: long values are cut, the row stays one line. */
function displayTable({ columns, rows }: DisplayTable, width: number): string {
  const share = Math.max(Math.floor((width - 1) / Math.max(columns.length, 1)) - 3, 6);
  const cut = (text: string): string => {
    const line = text.replaceAll(/\s+/g, " ");
    return line.length > share ? `${line.slice(0, share - 1)}…` : line;
  };
  const table = new Table({
    head: columns.map(cut),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(row.map(cut));
  return table.toString();
}
