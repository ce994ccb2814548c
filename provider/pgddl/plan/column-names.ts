import type { TableCatalog } from "../catalog.ts";
import { notNullHelperName } from "./made-up-name.ts";
import type { NamedChange, TableChange } from "./table-part.ts";

/**
 * Settles what the columns are called before anything is compared: the live table in the names to come, as it is
 * once the phase `rename` is over, so that a key or a check differs only where more than a name does. Checks that
 * an interrupted SET NOT NULL left behind are the columns' business and taken out.
 */
export function settleNames(change: TableChange): NamedChange {
  const { live, wanted } = change;
  const isThere = (name: string): boolean => live.columns.some((column) => column.name === name);
  const renames = new Map(
    wanted.columns.flatMap(({ name, renamedFrom }) =>
      renamedFrom !== undefined && isThere(renamedFrom) && !isThere(name) ? [[renamedFrom, name]] : [],
    ),
  );
  const formerly = new Map([...renames].map(([from, to]) => [to, from]));
  const helperOf = new Map(wanted.columns.map(({ name }) => [notNullHelperName(name), name]));
  for (const { name } of live.columns) helperOf.set(notNullHelperName(name), renames.get(name) ?? name);
  return {
    ...change,
    live: renameColumns(
      { ...live, checks: live.checks.filter((check) => !helperOf.has(check.name)) },
      renames,
    ),
    nameNow: (column) => formerly.get(column) ?? column,
    nullHelpers: new Map(
      live.checks.flatMap((check) => {
        const column = helperOf.get(check.name);
        return column === undefined ? [] : [[column, check]];
      }),
    ),
  };
}

/** `live` as RENAME COLUMN would leave it. @param renames new names by old ones */
function renameColumns(live: TableCatalog, renames: ReadonlyMap<string, string>): TableCatalog {
  if (renames.size === 0) return live;
  const of = (name: string): string => renames.get(name) ?? name;
  const { primaryKey, partitionBy } = live;
  return {
    ...live,
    columns: live.columns.map((column) => ({
      ...column,
      name: of(column.name),
      ...(column.generated !== undefined && { generated: renameIn(column.generated, renames) }),
    })),
    ...(primaryKey && { primaryKey: { ...primaryKey, columns: primaryKey.columns.map(of) } }),
    uniques: live.uniques.map((key) => ({ ...key, columns: key.columns.map(of) })),
    checks: live.checks.map((check) => ({ ...check, expression: renameIn(check.expression, renames) })),
    ...(partitionBy && { partitionBy: { ...partitionBy, columns: partitionBy.columns.map(of) } }),
  };
}

/** Strings, quoted names, bare words, or any other character; words as the server prints them are in lower case. */
const tokens = /[eE]?'(?:[^'\\]|\\.|'')*'|"(?:[^"]|"")*"|[a-z_][\w$]*|::|./gs;

/**
 * An expression of the catalogue with its columns renamed. Names of functions, types and schemas are told by what
 * stands beside them.
 */
export function renameIn(expression: string, renames: ReadonlyMap<string, string>): string {
  const parts = expression.match(tokens) ?? [];
  return parts
    .map((part, at) => {
      const isName = /^["a-z_]/.test(part);
      const [before, after] = [parts[at - 1], parts[at + 1]];
      if (!isName || before === "::" || before === "." || after === "(" || after === ".") return part;
      const bare = part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
      const renamed = renames.get(bare);
      return renamed === undefined ? part : printed(renamed);
    })
    .join("");
}

/** As the server prints a name: in quotes only where it has to. Words that it reserves are left to its own reading. */
function printed(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
