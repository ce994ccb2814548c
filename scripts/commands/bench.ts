import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { measure, renderResults, type Benchmark, type BenchmarkResult } from "../../bench/harness.ts";
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
  // Node would end at once, and leave behind the containers of the step that is under way.
  process.on("SIGINT", () => {
    note("Ending: what this step has made is removed first.");
    interrupt.abort(new UserError("interrupted", "interrupted"));
  });
  const results: BenchmarkResult[] = [];
  for (const benchmark of chosen) {
    interrupt.signal.throwIfAborted();
    results.push(await measure(benchmark, rounds, note, interrupt.signal));
  }
  process.stdout.write(`${options.json ? JSON.stringify(results, null, 2) : renderResults(results)}\n`);
  return 0;
}

/** What the files of bench/ export as `benchmark`, or as the list `benchmarks`. */
async function loadBenchmarks(): Promise<Benchmark[]> {
  const found: Benchmark[] = [];
  for (const file of globSync("bench/*.ts", { cwd: projectRoot }).sort()) {
    const module: unknown = await import(join(projectRoot, "bench", basename(file)));
    if (typeof module !== "object" || module === null) continue;
    const exported =
      "benchmark" in module ? [module.benchmark] : "benchmarks" in module ? module.benchmarks : [];
    if (Array.isArray(exported)) found.push(...exported.filter(isBenchmark));
  }
  return found;
}

function isBenchmark(exported: unknown): exported is Benchmark {
  return typeof exported === "object" && exported !== null && "prepare" in exported && "name" in exported;
}
