import { globSync } from "node:fs";
import { basename, join } from "node:path";
import {
  measure,
  renderResults,
  type Benchmark,
  type BenchmarkResult,
  type Survey,
  type SurveyResult,
} from "../../bench/harness.ts";
import { UserError } from "../../lib/errors.ts";
import { projectRoot } from "../../lib/paths.ts";
import { settingDefaults } from "../../lib/settings.ts";
import { ensureToolchain } from "../../toolchain/toolchain.ts";
import { note } from "../terminal.ts";

/** `./ecosphere bench [NAME]`: ratios beside a peer, as a table or as JSON. */
export async function bench(
  name: string | undefined,
  options: { readonly rounds: string; readonly json: boolean },
): Promise<number> {
  const rounds = /^\d{1,3}$/.test(options.rounds) ? Number(options.rounds) : 0;
  if (rounds < 1) {
    throw new UserError(
      "usage",
      `--rounds received "${options.rounds}"`,
      "Give a whole number from 1 to 999.",
    );
  }
  const benchmarks = await loadBenchmarks();
  const chosen = benchmarks.filter(
    (benchmark) => name === undefined || benchmark.name === name || benchmark.name.startsWith(`${name}-`),
  );
  if (chosen.length === 0) {
    const names = benchmarks.map((benchmark) => benchmark.name).join(", ");
    throw new UserError("usage", `there is no benchmark "${name ?? ""}"`, `There are: ${names || "none"}.`);
  }
  await ensureToolchain(settingDefaults.baseImage);
  const interrupt = new AbortController();
  // The command line's own handler would end at once, and leave behind the containers of the step under way.
  process.removeAllListeners("SIGINT");
  process.on("SIGINT", () => {
    note("Ending: what this step has made is removed first.");
    interrupt.abort(new UserError("interrupted", "interrupted"));
  });
  const results: BenchmarkResult[] = [];
  const surveys: SurveyResult[] = [];
  for (const benchmark of chosen) {
    interrupt.signal.throwIfAborted();
    if (isSurvey(benchmark)) surveys.push(await benchmark.survey(rounds, note, interrupt.signal));
    else results.push(await measure(benchmark, rounds, note, interrupt.signal));
  }
  const texts = [...(results.length > 0 ? [renderResults(results)] : []), ...surveys.map(({ text }) => text)];
  const all = [...results, ...surveys.map(({ name: of, results: found }) => ({ name: of, results: found }))];
  process.stdout.write(`${options.json ? JSON.stringify(all, null, 2) : texts.join("\n\n")}\n`);
  return 0;
}

/** What the files of bench/ export as `benchmark` or `survey`, or as the list `benchmarks`. */
async function loadBenchmarks(): Promise<(Benchmark | Survey)[]> {
  const found: (Benchmark | Survey)[] = [];
  for (const file of globSync("bench/*.ts", { cwd: projectRoot }).sort()) {
    const module: unknown = await import(join(projectRoot, "bench", basename(file)));
    if (typeof module !== "object" || module === null) continue;
    const single = [
      ...("benchmark" in module ? [module.benchmark] : []),
      ...("survey" in module ? [module.survey] : []),
    ];
    const exported = "benchmarks" in module ? module.benchmarks : single;
    if (!Array.isArray(exported)) continue;
    for (const each of exported) if (isBenchmark(each) || isSurvey(each)) found.push(each);
  }
  return found;
}

function isBenchmark(exported: unknown): exported is Benchmark {
  return typeof exported === "object" && exported !== null && "prepare" in exported && "name" in exported;
}

function isSurvey(exported: unknown): exported is Survey {
  return typeof exported === "object" && exported !== null && "survey" in exported && "name" in exported;
}
