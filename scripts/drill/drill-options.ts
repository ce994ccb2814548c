import { UserError } from "../../lib/errors.ts";
import { parseDuration } from "./duration.ts";
import { faultNamed, faults } from "./faults/faults.ts";
import type { Fault } from "./fault.ts";

/** What the command line says. */
export interface DrillArguments {
  readonly all?: true;
  readonly rounds?: string;
  readonly chaos?: string;
  readonly seed?: string;
  readonly json?: true;
  readonly yes?: true;
  readonly list?: true;
}

/** Which faults to make. */
export type DrillPlan =
  | { readonly kind: "named"; readonly faults: readonly Fault[]; readonly rounds: number }
  | {
      readonly kind: "chaos";
      /** Those to choose from. */
      readonly faults: readonly Fault[];
      readonly seed: number;
      readonly until: { readonly ms: number } | { readonly faults: number };
    };

/** @throws UserError `usage` */
export function planDrill(
  names: readonly string[],
  args: DrillArguments,
  randomSeed: () => number,
): DrillPlan {
  const chosen = names.map(faultNamed);
  if (args.chaos !== undefined) return planChaos(chosen, args.chaos, args, randomSeed);
  if (args.seed !== undefined) throw usage("--seed is for --chaos", "./ecosphere drill --chaos 10m --seed 7");
  if (args.all && chosen.length > 0)
    throw usage("--all and names of faults exclude each other", "Give one of them.");
  const rounds = args.rounds ?? "1";
  if (!/^[1-9]\d{0,2}$/.test(rounds)) {
    throw usage(`--rounds received "${rounds}"`, "Give a whole number from 1 to 999.");
  }
  const wanted = args.all ? faults.filter(({ isByHand }) => !isByHand) : chosen;
  if (wanted.length === 0) {
    throw usage(
      "no fault is named",
      "For instance: ./ecosphere drill kill cut, or --all, or --chaos 10m. ./ecosphere drill --list names them.",
    );
  }
  return { kind: "named", faults: wanted, rounds: Number(rounds) };
}

function planChaos(
  chosen: readonly Fault[],
  chaos: string,
  args: DrillArguments,
  randomSeed: () => number,
): DrillPlan {
  if (args.all || args.rounds !== undefined) {
    throw usage("--chaos goes without --all and --rounds", "Name faults to choose from these alone.");
  }
  const ms = parseDuration(chaos);
  const count = /^[1-9]\d{0,3}$/.test(chaos) ? Number(chaos) : undefined;
  if (ms === undefined && count === undefined) {
    throw usage(
      `--chaos received "${chaos}"`,
      "Give a time, such as 90s, 10m or 2h, or a number of faults, such as 6.",
    );
  }
  if (args.seed !== undefined && !/^\d{1,9}$/.test(args.seed)) {
    throw usage(`--seed received "${args.seed}"`, "Give a whole number from 0 to 999999999.");
  }
  const byHand = chosen.find(({ isByHand }) => isByHand);
  if (byHand) throw usage(`${byHand.name} is made by hand`, `Run ./ecosphere drill ${byHand.name}.`);
  return {
    kind: "chaos",
    faults: chosen.length > 0 ? chosen : faults.filter(({ isForChaos = true }) => isForChaos),
    seed: args.seed === undefined ? randomSeed() : Number(args.seed),
    until: ms === undefined ? { faults: count ?? 0 } : { ms },
  };
}

function usage(message: string, hint: string): UserError {
  return new UserError("usage", message, hint);
}
