import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { z } from "zod";
import { UserError } from "../../lib/errors.ts";
import { projectRoot } from "../../lib/paths.ts";
import { settingDefaults } from "../../lib/settings.ts";
import { findPulumiCli } from "../../toolchain/pulumi-cli.ts";
import { ensureToolchain } from "../../toolchain/toolchain.ts";
import { runProgram } from "../stack/run-program.ts";
import { note } from "../terminal.ts";

const kinds = ["unit", "integration", "e2e"] as const;

/** Kinds whose tests take the whole machine: a stack is nine containers, and what is waited for may not starve. */
const isAlone: ReadonlySet<string> = new Set(["e2e", "attack", "round-trip"]);

/** On a stack of its own, for longer than a plain `./ecosphere test` should take. */
const attack = "attack";

/** The long run of one integration test, which by itself takes a few pairs only. */
const roundTrip = "round-trip";

/** What only `round-trip` takes, as typed. */
export interface RoundTripOptions {
  readonly pairs?: string;
  readonly seed?: string;
}

/** How many tests passed and failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const counts = z.object({ passed: z.number().int(), failed: z.number().int() });

/** What needs no test runner: a title, and the arguments of a script in node_modules. */
const staticChecks: readonly { readonly title: string; readonly args: readonly string[] }[] = [
  { title: "types", args: ["node_modules/typescript/bin/tsc", "-p", "."] },
  { title: "lint", args: ["node_modules/eslint/bin/eslint.js", "--max-warnings", "0", "."] },
  {
    title: "format",
    args: ["node_modules/prettier/bin/prettier.cjs", "--log-level", "warn", "--check", "."],
  },
];

/** `./ecosphere test [KIND]`: everything is run, failures do not stop it. Exit code 1 when one failed. */
export async function test(kind: string | undefined, options: RoundTripOptions = {}): Promise<number> {
  if (kind === roundTrip) return testRoundTrips(options);
  if (options.pairs !== undefined || options.seed !== undefined) {
    throw new UserError(
      "usage",
      "--pairs and --seed are for round-trip",
      "./ecosphere test round-trip --pairs 100",
    );
  }
  const chosen = [...kinds, attack].filter((candidate) =>
    kind === undefined ? candidate !== attack : candidate === kind,
  );
  if (chosen.length === 0) {
    throw new UserError(
      "usage",
      `"${kind ?? ""}" is no kind of test`,
      `There are: ${[...kinds, attack, roundTrip].join(", ")}.`,
    );
  }
  const isInterrupted = (code: number): boolean => code === 130;
  const results: Counts[] = [];
  if (chosen.includes("unit")) {
    for (const { title, args } of staticChecks) {
      note(`\n${title}`);
      const { code } = await runProgram(process.execPath, args, { cwd: projectRoot, env: process.env });
      if (isInterrupted(code)) return code;
      note(code === 0 ? `${title}: passed` : `${title}: failed`);
      results.push(code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
    }
  }
  for (const each of chosen) {
    note(`\n${each} tests`);
    // A unit test needs nothing but Node.
    if (each !== "unit") await ensureToolchain(settingDefaults.baseImage);
    const result = await runTests(each, `tests/${each}/**/*.test.ts`);
    if (result === undefined) return 130;
    results.push(result);
  }
  return tell(results);
}

async function testRoundTrips({ pairs = "100", seed = "1" }: RoundTripOptions): Promise<number> {
  for (const [option, value] of Object.entries({ pairs, seed })) {
    if (/^[1-9]\d{0,8}$/.test(value)) continue;
    throw new UserError("usage", `--${option} is "${value}"`, "Give a whole number from 1 on.");
  }
  await ensureToolchain(settingDefaults.baseImage);
  const env = { ECOSPHERE_ROUND_TRIPS: pairs, ECOSPHERE_SEED: seed };
  const result = await runTests(roundTrip, "tests/integration/pgddl.proof-round-trips.test.ts", env);
  return result === undefined ? 130 : tell([result]);
}

/** The last line, and the exit code. */
function tell(results: readonly Counts[]): number {
  const total = sum(results);
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? 0 : 1;
}

/** The total; a run that found nothing has failed, or a renamed folder would pass for ever. */
export function sum(results: readonly Counts[]): Counts {
  const total = { passed: 0, failed: 0 };
  for (const result of results) {
    const isEmpty = result.passed + result.failed === 0;
    total.passed += result.passed;
    total.failed += isEmpty ? 1 : result.failed;
  }
  return total;
}

/** Undefined when it was interrupted. */
async function runTests(
  kind: string,
  pattern: string,
  more: NodeJS.ProcessEnv = {},
): Promise<Counts | undefined> {
  const files = globSync(pattern, { cwd: projectRoot }).sort();
  if (files.length === 0) {
    note(`There are no ${kind} tests.`);
    return { passed: 0, failed: 0 };
  }
  const folder = mkdtempSync(join(tmpdir(), "ecosphere-test-"));
  const result = join(folder, "counts.json");
  const cli = await findPulumiCli();
  const path = [...(cli ? [dirname(cli.path)] : []), process.env["PATH"] ?? ""].join(delimiter);
  try {
    const { code } = await runProgram(
      process.execPath,
      [
        ...[
          "--no-warnings",
          "--test",
          `--test-concurrency=${isAlone.has(kind) ? 1 : availableParallelism()}`,
        ],
        ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
        ...["--test-reporter=./scripts/test-counts.ts", `--test-reporter-destination=${result}`],
        ...files,
      ],
      { cwd: projectRoot, env: { ...process.env, ...more, PATH: path } },
    );
    if (code === 130) return undefined;
    const counted = existsSync(result) ? readFileSync(result, "utf8").trim() : "";
    if (counted === "") return { passed: 0, failed: 1 };
    const { passed, failed } = counts.parse(JSON.parse(counted));
    // A runner that fails without a failed test has not run them all.
    return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
