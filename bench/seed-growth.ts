import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Table from "cli-table3";
import { z } from "zod";
import { UserError } from "../lib/errors.ts";
import { projectRoot } from "../lib/paths.ts";
import { runChecks } from "../scripts/check/run-checks.ts";
import { generatedRows } from "../scripts/check/checks/generated-rows.ts";
import { replicaContent } from "../scripts/check/checks/replica-content.ts";
import { runProgram } from "../scripts/stack/run-program.ts";
import { summarize, type Survey } from "./harness.ts";
import { asOf, rowsOfUnit, seededStack, type SeededStack } from "./seed/seeded-stack.ts";

/** About 100,000, a million and ten million rows. */
const scales = [5, 50, 504];
/** The largest is measured once: it takes minutes. */
const mostRepeated = 50;

const told = z.object({ seconds: z.number(), megabytes: z.number() });

interface Measured {
  readonly rows: number;
  /** Of each round. */
  readonly seconds: number[];
  /** The most memory of the process with its threads. */
  readonly megabytes: number[];
  readonly equalitySeconds: number;
  readonly comparisonSeconds: number;
}

/** How a seed and the proof of it grow with the number of rows; draws the result into docs/seed.md. */
export const survey: Survey = {
  name: "seed-growth",
  async survey(rounds, progress, signal) {
    await using stack = await seededStack();
    const found: Measured[] = [];
    for (const scale of scales) {
      const rows = scale * rowsOfUnit;
      const runs = [];
      for (let round = 1; round <= (scale <= mostRepeated ? rounds : 1); round++) {
        signal.throwIfAborted();
        const run = await seedInProcess(stack, scale);
        runs.push(run);
        progress(`seed-growth ${rows} rows: ${run.seconds.toFixed(1)} s, ${run.megabytes.toFixed(0)} MB`);
      }
      const { checks } = await runChecks(stack.outputs, { checks: [replicaContent, generatedRows] });
      const [equality, comparison] = checks;
      if (!equality?.passed || !comparison?.passed) {
        throw new UserError("bench", checks.map(({ detail }) => detail).join("; "));
      }
      found.push({
        rows,
        seconds: runs.map(({ seconds }) => seconds),
        megabytes: runs.map(({ megabytes }) => megabytes),
        equalitySeconds: equality.ms / 1000,
        comparisonSeconds: comparison.ms / 1000,
      });
    }
    drawInto(join(projectRoot, "docs", "seed.md"), found);
    return { name: "seed-growth", results: found, text: tableOf(found) };
  },
};

async function seedInProcess(stack: SeededStack, scale: number): Promise<z.infer<typeof told>> {
  const script = join(projectRoot, "bench", "seed", "seed-process.ts");
  const run = await runProgram(process.execPath, ["--no-warnings", script], {
    cwd: projectRoot,
    env: process.env,
    output: "capture",
    input: JSON.stringify({ stack: stack.outputs, scale, asOf, reset: true }),
  });
  if (run.code !== 0) throw new UserError("bench", `the seed failed:\n${run.stderr}`);
  return told.parse(JSON.parse(run.stdout));
}

function tableOf(found: readonly Measured[]): string {
  const table = new Table({
    head: [
      "rows",
      "seed (s)",
      "rows/s",
      "most memory (MB)",
      "instances compared (s)",
      "generator compared (s)",
    ],
    colAligns: ["right", "right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const each of found) table.push(cells(each));
  return table.toString();
}

function cells({ rows, seconds, megabytes, equalitySeconds, comparisonSeconds }: Measured): string[] {
  const { median, least, most } = summarize(seconds);
  return [
    rows.toLocaleString("en"),
    seconds.length > 1 ? `${median.toFixed(1)} [${least.toFixed(1)}–${most.toFixed(1)}]` : median.toFixed(1),
    Math.round(rows / median).toLocaleString("en"),
    summarize(megabytes).most.toFixed(0),
    equalitySeconds.toFixed(1),
    comparisonSeconds.toFixed(1),
  ];
}

/** A table and a plot between the page's marks. */
function drawInto(page: string, found: readonly Measured[]): void {
  const rates = found.map(({ rows, seconds }) => Math.round(rows / summarize(seconds).median / 1000));
  const plot = [
    "| rows | seed (s) | rows/s | most memory (MB) | instances compared (s) | compared with the generator (s) |",
    "|---|---|---|---|---|---|",
    ...found.map((each) => `| ${cells(each).join(" | ")} |`),
    "",
    "```mermaid",
    "xychart-beta",
    '  title "Thousand rows a second, by the number of rows"',
    `  x-axis [${found.map(({ rows }) => `"${rows.toLocaleString("en")}"`).join(", ")}]`,
    `  y-axis "thousand rows/s" 0 --> ${Math.ceil(Math.max(...rates) / 50) * 50}`,
    `  bar [${rates.join(", ")}]`,
    "```",
  ].join("\n");
  const marks = /(<!-- seed-growth -->\n)[\s\S]*?(<!-- \/seed-growth -->)/;
  writeFileSync(page, readFileSync(page, "utf8").replace(marks, `$1${plot}\n$2`));
}
