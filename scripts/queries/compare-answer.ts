import type { AnswerRows } from "./shop-query.ts";

/**
 * The first difference between the rows that there should be and those that came, value by value; undefined
 * when there is none.
 */
export function firstDifference(
  columns: readonly string[],
  expected: AnswerRows,
  found: AnswerRows,
): string | undefined {
  for (const [at, wanted] of expected.entries()) {
    const row = found[at];
    if (!row) break;
    if (row.length !== wanted.length) return `row ${at + 1} has ${row.length} values, not ${wanted.length}`;
    for (const [column, value] of wanted.entries()) {
      const got = row[column] ?? null;
      if (got !== value) {
        return `row ${at + 1}: ${columns[column] ?? "?"} is ${show(got)}, not ${show(value)}`;
      }
    }
  }
  if (found.length === expected.length) return undefined;
  return `${found.length} rows, not ${expected.length}`;
}

const shownCharacters = 60;

function show(value: string | null): string {
  if (value === null) return "null";
  const text = value.length > shownCharacters ? `${value.slice(0, shownCharacters)}…` : value;
  return JSON.stringify(text);
}
