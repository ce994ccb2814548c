import { copyFileSync, existsSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../../lib/errors.ts";
import { projectRoot } from "../../lib/paths.ts";
import { cachePath, produceInto } from "../../toolchain/cache.ts";
import { downloadTimeoutMs } from "../../toolchain/downloads.ts";
import { onPath } from "../../toolchain/installed.ts";
import { runTool } from "../../toolchain/run-tool.ts";
import { runProgram } from "../../scripts/stack/run-program.ts";
import { note } from "../../scripts/terminal.ts";

/** A peer's packages are no part of the project: they are got when a benchmark wants them, into the cache. */
const packages = ["drizzle-seed@0.3.1", "drizzle-orm@0.45.4", "pg@8.23.1"];

/** Runs a program of bench/peers beside the packages that it imports, and returns what it prints. */
export async function runPeer(program: string, argument: unknown): Promise<string> {
  const folder = cachePath("bench-peers", { values: packages });
  if (!existsSync(folder)) await produceInto(folder, install);
  const source = join(projectRoot, "bench", "peers", program);
  const copy = join(folder, basename(program));
  copyFileSync(source, copy);
  const options = { cwd: folder, env: process.env, output: "capture" } as const;
  const run = await runProgram(process.execPath, [copy, JSON.stringify(argument)], options);
  if (run.code !== 0) throw new UserError("bench", `${program} failed:\n${run.stderr}`);
  return run.stdout;
}

async function install(folder: string): Promise<void> {
  const [npm] = onPath("npm");
  if (npm === undefined) throw new UserError("no-npm", "there is no npm on the PATH");
  await runTool({
    command: npm,
    args: ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", ...packages],
    cwd: folder,
    title: "get the peers of the benchmarks",
    hint: "Run the benchmark again when the package registry answers.",
    timeoutMs: downloadTimeoutMs,
    onLine: note,
  });
}
