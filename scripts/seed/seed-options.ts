import { UserError, type Fault } from "../../lib/errors.ts";
import { dayText, parseDay } from "./seed-dates.ts";

/** What the user asked for. Undefined means "not said", which an unfinished seed may then fill in. */
export interface SeedOptions {
  /** Rows a table, 1 to 1,000,000; default 50. The categories are always the five. */
  readonly rows?: string | number | undefined;
  /** The seed number, 0 to 4,294,967,295; default 512. */
  readonly seed?: string | number | undefined;
  /** The day that "within 30 days" and the like look back from, `YYYY-MM-DD`; default today in UTC. */
  readonly asOf?: string | undefined;
  /** Adds `rows` more, whatever is there. */
  readonly append?: boolean | undefined;
  /** Empties the nine tables first. */
  readonly reset?: boolean | undefined;
  /** Where the parameters of an unfinished seed are kept; a file beside the stack's other state. */
  readonly journal: string;
}

/** The parameters that decide every byte. */
export interface SeedParameters {
  readonly rows: number;
  readonly seed: number;
  readonly asOf: string;
}

export const maxRows = 1_000_000;
const maxSeed = 0xffff_ffff;

/** Parses what was said, leaving out what was not. @throws UserError `seed-options` with every fault */
export function parseSeedOptions(options: SeedOptions): Partial<SeedParameters> {
  const faults: Fault[] = [];
  const rows = wholeNumber("--rows", options.rows, 1, maxRows, "50", faults);
  const seed = wholeNumber("--seed", options.seed, 0, maxSeed, "512", faults);
  const { asOf } = options;
  if (asOf !== undefined && parseDay(asOf) === undefined) {
    const reason = `"${asOf}" is no day of the calendar; write YYYY-MM-DD, for instance ${defaultDay()}`;
    faults.push({ property: "--as-of", reason });
  }
  if (options.append && options.reset) {
    faults.push({ property: "--append", reason: "cannot stand beside --reset; give one of the two" });
  }
  if (faults.length > 0) {
    const lines = faults.map(({ property, reason }) => `${property}: ${reason}`);
    throw new UserError("seed-options", lines.join("\n"));
  }
  return {
    ...(rows === undefined ? {} : { rows }),
    ...(seed === undefined ? {} : { seed }),
    ...(asOf === undefined ? {} : { asOf }),
  };
}

export function withDefaults(said: Partial<SeedParameters>): SeedParameters {
  return { rows: 50, seed: 512, asOf: defaultDay(), ...said };
}

function defaultDay(): string {
  return dayText(Date.now() / 1000);
}

function wholeNumber(
  property: string,
  value: string | number | undefined,
  min: number,
  max: number,
  example: string,
  faults: Fault[],
): number | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  faults.push({
    property,
    reason: `"${text}" is not a whole number from ${min} to ${max}; give for instance ${property} ${example}`,
  });
  return undefined;
}
