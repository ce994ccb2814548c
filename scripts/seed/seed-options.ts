import { UserError, type Fault } from "../../lib/errors.ts";
import { dayText, decadeStart, parseDay, secondsPerDay } from "./generate/dates.ts";
import type { SeedParameters } from "./seed-plan.ts";

/** What the user asked for. Undefined means "not said", which an unfinished seed may then fill in. */
export interface SeedOptions {
  /** Rows a table, 1 to 1,000,000; default 50. The categories are always the five. */
  readonly rows?: string | number | undefined;
  /** A shop of so many thousand users, 1 to 50,000, in place of `rows`. */
  readonly scale?: string | number | undefined;
  /** The seed number, 0 to 4,294,967,295; default 512. */
  readonly seed?: string | number | undefined;
  /** The day that "within 30 days" and the like look back from, `YYYY-MM-DD`; default today in UTC. */
  readonly asOf?: string | undefined;
  /** Adds rows, whatever is there. */
  readonly append?: boolean | undefined;
  /** Empties the nine tables first. */
  readonly reset?: boolean | undefined;
  /** The shapes of a shop (the default), or independent uniform draws. */
  readonly realistic?: boolean | undefined;
}

export const maxRows = 1_000_000;
export const maxScale = 50_000;
const maxSeed = 0xffff_ffff;
/** A shop's orders, deliveries and reviews take as long to come about, and no user is older than the decade. */
const daysOfAShop = 90;

/** Parses what was said, leaving out what was not. @throws UserError `seed-options` with every fault */
export function parseSeedOptions(options: SeedOptions): Partial<SeedParameters> {
  const faults: Fault[] = [];
  const rows = wholeNumber("--rows", options.rows, 1, maxRows, "50", faults);
  const scale = wholeNumber("--scale", options.scale, 1, maxScale, "10", faults);
  const seed = wholeNumber("--seed", options.seed, 0, maxSeed, "512", faults);
  const { asOf, realistic } = options;
  if (options.rows !== undefined && options.scale !== undefined) {
    faults.push({ property: "--rows", reason: "cannot stand beside --scale; give one of the two" });
  }
  const day = parseDay(asOf ?? defaultDay());
  if (day === undefined) {
    const reason = `"${asOf ?? ""}" is no day of the calendar; write YYYY-MM-DD, for instance ${defaultDay()}`;
    faults.push({ property: "--as-of", reason });
  } else if (realistic !== false && day < decadeStart(day) + daysOfAShop * secondsPerDay) {
    const reason =
      `${dayText(day)} is within ${daysOfAShop} days of its decade's begin, too soon for a shop's orders and reviews; ` +
      `give an earlier or later day, or set the config key realistic to false`;
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
    ...(rows === undefined ? {} : { size: { rows } }),
    ...(scale === undefined ? {} : { size: { scale } }),
    ...(seed === undefined ? {} : { seed }),
    ...(asOf === undefined ? {} : { asOf }),
    ...(realistic === undefined ? {} : { realistic }),
  };
}

export function withDefaults(said: Partial<SeedParameters>): SeedParameters {
  return { size: { rows: 50 }, seed: 512, asOf: defaultDay(), realistic: true, ...said };
}

function defaultDay(): string {
  return dayText(Math.floor(Date.now() / 1000));
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
