import { Command, CommanderError } from "commander";
import type { DrillArguments } from "./drill/drill-options.ts";
import { reportError } from "./report-error.ts";
import { takeStack } from "./stack/arguments.ts";
import { isProgramRunning } from "./stack/run-program.ts";
import { checkStackName } from "./stack/stack-folder.ts";

const showCursor = "\u001b[?25h";

/** What the commands have besides their own arguments. */
interface Line {
  readonly stack: string;
  /** What follows a lone `--`. */
  readonly passed: readonly string[];
}

/** The commands as Commander knows them; each is loaded when it is called. Exported for its test. */
export function buildProgram({ stack, passed }: Line, setExitCode: (code: number) => void): Command {
  const program = new Command("ecosphere").exitOverride().configureHelp({ showGlobalOptions: true });
  const add = (name: string, description: string): Command =>
    program.command(name).description(description).option("--stack <name>", "the stack to work on", "dev");

  add("up", "get what is missing, deploy, seed when empty, check, print how to connect")
    .option("--yes", "ask nothing; also so without a terminal")
    .action(async (options: { yes?: true }) => {
      const { up } = await import("./commands/up.ts");
      setExitCode(await up(stack, options.yes === true));
    });
  add("destroy", "take everything of the stack away: containers, volumes, networks, state, passphrase")
    .option("--yes", "do not ask first")
    .action(async (options: { yes?: true }) => {
      const { destroy } = await import("./commands/destroy.ts");
      setExitCode(await destroy(stack, options.yes === true));
    });
  add("status", "containers, instances with role and lag, endpoints").action(async () => {
    const { status } = await import("./commands/status.ts");
    setExitCode(await status(stack));
  });
  add("logs", "logs of the stack's containers")
    .argument("[part]", "one part: pg-1, etcd-2, proxy-1; or all of a kind: pg, etcd, proxy")
    .option("-f, --follow", "go on as more is written")
    .option("-n, --tail <lines>", "so many of each container's last lines", "100")
    .action(async (part: string | undefined, options: { follow?: true; tail: string }) => {
      const { logs } = await import("./commands/logs.ts");
      setExitCode(await logs(stack, part, { follow: options.follow === true, tail: options.tail }));
    });
  add("switchover", "make another instance the primary; no client of rw sees an error")
    .option("--to <name>", "the next primary, such as pg-2 (default: the replica that is least behind)")
    .option("--wait <seconds>", "how long transactions in progress may take before it is given up", "10")
    .action(async (options: { to?: string; wait: string }) => {
      const { switchoverCommand } = await import("./commands/switchover.ts");
      setExitCode(await switchoverCommand(stack, options));
    });
  add(
    "rotate-authority",
    "replace the authority that certificates are verified by; no client of rw sees an error",
  )
    .option("--begin", "stop once both are believed, so that clients can be told; the next run goes on")
    .action(async (options: { begin?: true }) => {
      const { rotateAuthority } = await import("./commands/rotate-authority.ts");
      setExitCode(await rotateAuthority(stack, options.begin === true));
    });
  add("rotate", "give logins new passwords; no client of rw or ro sees an error")
    .argument("[login...]", "admin, app, reporting, seeder, monitoring (default: those that are begun)")
    .option("--all", "every login")
    .option("--begin", "stop once the passwords are made, so that clients can be told; the next run goes on")
    .action(async (logins: readonly string[], options: { all?: true; begin?: true }) => {
      const { rotate } = await import("./commands/rotate.ts");
      setExitCode(await rotate(stack, logins, { all: options.all === true, begin: options.begin === true }));
    });
  add("seed", "fill the database with generated rows")
    .option("--rows <count>", "rows a table (default: 50)")
    .option("--scale <thousands>", "a shop of so many thousand users, 19,850 rows each, in place of --rows")
    .option("--seed <number>", "the number that decides the rows")
    .option("--as-of <date>", "the day that the rows look back from, YYYY-MM-DD (default: today)")
    .option("--append", "add rows to those that are there")
    .option("--dry-run", "generate the rows and print their hashes; needs no database")
    .option("--reset", "empty the tables first; asks")
    .option("--yes", "do not ask before --reset")
    .action(async (options: Record<string, string | true>) => {
      const { seedCommand } = await import("./commands/seed.ts");
      setExitCode(await seedCommand(stack, options));
    });
  add("check", "prove that everything can be read back, from every instance")
    .option(
      "--live",
      "leave out what holds only for rows as they were seeded: an application has changed some",
    )
    .option("--json", "the results for a machine")
    .action(async (options: { live?: true; json?: true }) => {
      const { checkCommand } = await import("./commands/check.ts");
      setExitCode(await checkCommand(stack, { isLive: options.live === true, json: options.json === true }));
    });
  add("query", "answer a question about the shop, and tell what the plan reads")
    .argument("[name]", "the query (default: list them all)")
    .argument("[parameters...]", "its parameters: --day 2026-11-22")
    .usage("[options] [NAME] [--PARAMETER VALUE…]")
    .option("--json", "the rows for a machine")
    // Each query has parameters of its own, which it checks itself.
    .allowUnknownOption()
    .action(async (name: string | undefined, parameters: readonly string[], options: { json?: true }) => {
      const { queryCommand } = await import("./commands/query.ts");
      setExitCode(await queryCommand(stack, name, parameters, options.json === true));
    });
  add("drill", "break parts of the stack under load, and prove that it heals and loses no row")
    .argument("[fault...]", "which faults, by name; see --list")
    .option("--all", "every fault, but those made by hand")
    .option("--rounds <count>", "how often each is made (default: 1)")
    .option("--chaos <time|count>", "random faults: for a time, such as 10m, or so many, such as 6")
    .option("--seed <number>", "the seed of the random order (default: a new one, which is printed)")
    .option("--json", "the report for a machine")
    .option("--list", "the faults, and what a sound cluster makes of each")
    .option("--yes", "do not ask first; also for a protected stack")
    .action(async (names: readonly string[], options: DrillArguments) => {
      const { drillCommand } = await import("./commands/drill.ts");
      setExitCode(await drillCommand(stack, names, options));
    });
  add("psql", "a SQL shell; what follows -- goes to psql")
    .argument("[endpoint]", "rw: the primary, as the application; ro: a replica, as the reporter", "rw")
    .usage("[options] [rw|ro] [-- PSQL-ARGS]")
    .action(async (endpoint: string) => {
      const { psql } = await import("./commands/psql.ts");
      setExitCode(await psql(stack, endpoint, passed));
    });
  add("adopt", "write the TypeScript for what the database has, to be imported")
    .option("--schema <name>", "one schema; again for further ones (default: all)", collect, [])
    .option("--out <file>", "a file that does not exist yet (default: the terminal)")
    .action(async (options: { schema: readonly string[]; out?: string }) => {
      const { adoptCommand } = await import("./commands/adopt.ts");
      setExitCode(await adoptCommand(stack, options));
    });
  add("test", "types, lint, format and tests")
    .argument(
      "[kind]",
      "unit, integration or e2e (default: all of them); attack; or round-trip, as long as you like",
    )
    .option("--pairs <count>", "how many pairs of random schemas round-trip goes through (default: 100)")
    .option("--seed <number>", "the first pair's seed; each further one has the next (default: 1)")
    .action(async (kind: string | undefined, options: { pairs?: string; seed?: string }) => {
      const { test } = await import("./commands/test.ts");
      setExitCode(await test(kind, options));
    });
  add("bench", "measure beside a peer, in one run")
    .argument("[name]", "one benchmark, or all whose names begin so: partitions (default: all of them)")
    .option("--rounds <count>", "how often each is measured", "5")
    .option("--json", "the results for a machine")
    .action(async (name: string | undefined, options: { rounds: string; json?: true }) => {
      const { bench } = await import("./commands/bench.ts");
      setExitCode(await bench(name, { rounds: options.rounds, json: options.json === true }));
    });
  add("er-diagram", "draw the tables of a deployed stack into the README").action(async () => {
    const { erDiagramCommand } = await import("./commands/er-diagram.ts");
    setExitCode(await erDiagramCommand(stack));
  });
  add("sbom", "write what is in every image, and what npm brings, as SPDX")
    .option("--out <folder>", "where to (default: .ecosphere/sbom)")
    .action(async (options: { out?: string }) => {
      const { sbomCommand } = await import("./commands/sbom.ts");
      setExitCode(await sbomCommand(stack, options.out));
    });
  add("doctor", "what is installed, what would be fetched or built, what is wrong and the fix").action(
    async () => {
      const { doctor } = await import("./commands/doctor.ts");
      setExitCode(await doctor(stack));
    },
  );
  add("pulumi", "the Pulumi CLI with this project's environment").usage("ARGS…");
  add("env", 'the environment for a shell: eval "$(./ecosphere env)"').action(async () => {
    const { envCommand } = await import("./commands/env.ts");
    setExitCode(await envCommand(stack));
  });
  return program;
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function main(args: readonly string[]): Promise<void> {
  const { stack, rest } = takeStack(args);
  checkStackName(stack);
  // Everything behind `pulumi` is Pulumi's, its --help too.
  if (rest[0] === "pulumi") {
    const { pulumiCommand } = await import("./commands/pulumi.ts");
    process.exitCode = await pulumiCommand(stack, rest.slice(1));
    return;
  }
  const end = rest.indexOf("--");
  const line = { stack, passed: end === -1 ? [] : rest.slice(end + 1) };
  const program = buildProgram(line, (code) => {
    process.exitCode = code;
  });
  try {
    await program.parseAsync(end === -1 ? [...rest] : rest.slice(0, end), { from: "user" });
  } catch (error) {
    // Commander has said what is wrong, or shown the help.
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode;
  }
}

if (import.meta.main) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // Whoever runs a program waits for its end first.
      if (isProgramRunning()) return;
      if (process.stderr.isTTY) process.stderr.write(showCursor);
      process.exit(130);
    });
  }
  // A reader that has seen enough, such as `head`, is no fault.
  process.stdout.on("error", (error: Error & { code?: string }) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    const report = reportError(error);
    process.stderr.write(report.text);
    process.exitCode = report.exitCode;
  }
}
