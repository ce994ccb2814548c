import { UserError } from "../../lib/errors.ts";
import { parseDay } from "../seed/generate/dates.ts";
import { shopQueries } from "./shop-queries.ts";
import type { ParameterKind, QueryParameter, QueryValues, ShopQuery } from "./shop-query.ts";

/** @throws UserError `query` that names those there are */
export function findQuery(name: string): ShopQuery {
  const found = shopQueries.find((query) => query.name === name);
  if (found) return found;
  const isOption = name.startsWith("-");
  throw new UserError(
    "query",
    isOption ? `${name} stands where a query's name belongs` : `no query is named "${name}"`,
    `There are: ${shopQueries.map((query) => query.name).join(", ")}.\nFor instance: ./ecosphere query best-sellers --category Books`,
  );
}

/**
 * What was said of a query's parameters: `--day 2026-11-22` or `--day=2026-11-22`.
 * @throws UserError `query-parameters` with every fault
 */
export function parseParameters(query: ShopQuery, args: readonly string[]): QueryValues {
  const values: Record<string, string> = {};
  const faults: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const [, name, attached] = /^--([^=]+)(?:=(.*))?$/s.exec(args[at] ?? "") ?? [];
    if (name === undefined) {
      faults.push(`"${args[at] ?? ""}" follows no parameter`);
      continue;
    }
    // What follows is its value, also when no such parameter is there: or it would be a fault of its own.
    const following = args[at + 1];
    const isFollowed = attached === undefined && following !== undefined && !following.startsWith("--");
    const value = isFollowed ? args[++at] : attached;
    const parameter = query.parameters.find((each) => each.name === name);
    if (!parameter) faults.push(`--${name}: ${query.name} has no such parameter`);
    else if (value === undefined) faults.push(`--${name}: has no value; ${ways[parameter.kind].example}`);
    else if (name in values) faults.push(`--${name}: stands there twice`);
    else {
      values[name] = value;
      if (!ways[parameter.kind].isValid(value)) {
        faults.push(`--${name}: "${value}" ${ways[parameter.kind].fault}`);
      }
    }
  }
  if (faults.length === 0) return values;
  throw new UserError("query-parameters", faults.join("\n"), describeParameters(query).join("\n"));
}

/** A line for each parameter: `--days COUNT  so many days (default: 30)`. */
export function describeParameters({ parameters }: ShopQuery): string[] {
  const options = parameters.map(({ name, kind }) => `--${name} ${kind.toUpperCase()}`);
  const width = Math.max(0, ...options.map((option) => option.length));
  return parameters.map(({ meaning, fallback }, at) => {
    const usual = "value" in fallback ? fallback.value : fallback.describe;
    return `${(options[at] ?? "").padEnd(width)}  ${meaning} (default: ${usual})`;
  });
}

/** @throws UserError `no-rows`: the shop has nothing to draw the value from */
export function nothingToDraw({ name, fallback }: QueryParameter): UserError {
  const from = "sql" in fallback ? /FROM (\S+)/.exec(fallback.sql)?.[1] : undefined;
  return new UserError(
    "no-rows",
    `--${name}: ${from ?? "the shop"} has no rows to take one from`,
    `Give --${name}, or fill the shop: ./ecosphere seed`,
  );
}

interface Way {
  isValid(value: string): boolean;
  readonly fault: string;
  readonly example: string;
}

/** The greatest integer of a column. */
const greatest = 2_147_483_647;
/** More rows than anybody looks at, and fewer months than lead out of the server's calendar. */
const most = 1000;
/** The server's calendar has no year 0. */
const firstDay = "0001-01-01";

const ways: Readonly<Record<ParameterKind, Way>> = {
  id: {
    isValid: (value) => isBetween(value, 1, greatest),
    fault: `is no id; give a whole number from 1 to ${greatest}`,
    example: "give an id, for instance 1",
  },
  count: {
    isValid: (value) => isBetween(value, 1, most),
    fault: `is no count; give a whole number from 1 to ${most}`,
    example: "give a whole number, for instance 20",
  },
  quantity: {
    isValid: (value) => isBetween(value, 0, greatest),
    fault: `is no quantity; give a whole number from 0 to ${greatest}`,
    example: "give a whole number, for instance 5",
  },
  day: {
    isValid: (value) => parseDay(value) !== undefined && value >= firstDay,
    fault: "is no day of the calendar; write YYYY-MM-DD",
    example: "give a day as YYYY-MM-DD",
  },
  text: {
    isValid: (value) => value !== "" && !value.includes("\0"),
    fault: "is no text that could be there",
    example: "give a text, for instance Books",
  },
};

function isBetween(value: string, min: number, max: number): boolean {
  return /^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max;
}
