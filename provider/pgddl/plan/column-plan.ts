import { quoteIdentifier } from "../../../lib/identifier.ts";
import type { ColumnCatalog, TableCatalog } from "../catalog.ts";
import { isNull, isSteady } from "./default-expression.ts";
import type { Change, Refusal } from "./difference.ts";
import type { ColumnSpec } from "../spec.ts";
import { quickly, type Statement } from "./statement.ts";
import { integerBehind } from "./type-name.ts";
import type { WantedColumn, WantedTable } from "./wanted-table.ts";

interface ColumnDifference {
  readonly changes: Change[];
  readonly refusals: Refusal[];
  readonly statements: Statement[];
}

/** A column as it stands in CREATE TABLE and ADD COLUMN. */
export function columnSql(column: Omit<WantedColumn, "notNull"> & Pick<ColumnSpec, "notNull">): string {
  // In brackets, or NOT NULL would be read as part of the expression.
  const expression = column.default === undefined ? "" : ` DEFAULT (${column.default})`;
  return `${quoteIdentifier(column.name)} ${column.type}${expression}${column.notNull === true ? " NOT NULL" : ""}`;
}

/**
 * The columns' part of a change; column order does not matter.
 * @param on the tables that every statement locks, for people
 */
export function columnDifference(
  live: TableCatalog,
  wanted: WantedTable,
  table: string,
  on: string,
): ColumnDifference {
  const difference: ColumnDifference = { changes: [], refusals: [], statements: [] };
  const alter = (sql: string): void => {
    difference.statements.push(
      quickly(`ALTER TABLE ${table} ${sql}`, {
        lock: { mode: "ACCESS EXCLUSIVE", on },
        hazards: ["blocks reads and writes"],
      }),
    );
  };
  wanted.columns.forEach((column, at) => {
    const path = `columns[${at}]`;
    const there = live.columns.find((each) => each.name === column.name);
    if (there) {
      changeColumn(difference, path, there, column, alter);
      return;
    }
    const reason = reasonNotToAdd(column);
    if (reason) difference.refusals.push({ path, from: "no column", to: columnText(column), ...reason });
    else {
      difference.changes.push({ path, kind: "add" });
      alter(`ADD COLUMN ${columnSql(column)}`);
    }
  });
  live.columns.forEach((column, at) => {
    if (wanted.columns.some((each) => each.name === column.name)) return;
    difference.refusals.push({
      path: `columns[${at}]`,
      from: columnText(column),
      to: "no column",
      why: "dropping a column deletes what is in it",
      hint: `Keep it in the program, or drop it by hand (ALTER TABLE ${table} DROP COLUMN ${quoteIdentifier(column.name)}) and refresh. A renamed column reads as one dropped and one added: rename it by hand too.`,
    });
  });
  return difference;
}

function changeColumn(
  { changes, refusals }: ColumnDifference,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
  alter: (sql: string) => void,
): void {
  const column = quoteIdentifier(wanted.name);
  if (there.type !== wanted.type) {
    refusals.push({
      path: `${path}.type`,
      from: there.type,
      to: wanted.type,
      why: `the type of ${wanted.name} would change, which can rewrite the table, cut values off or fail`,
      hint: "Keep the type, add a new column beside it and copy, or change it by hand and refresh.",
    });
    // What default and NOT NULL mean depends on the type.
    return;
  }
  if (there.default !== wanted.default) {
    const isGone = wanted.default === undefined;
    changes.push({
      path: `${path}.default`,
      kind: isGone ? "delete" : there.default === undefined ? "add" : "update",
    });
    alter(`ALTER COLUMN ${column} ${isGone ? "DROP DEFAULT" : `SET DEFAULT (${wanted.default})`}`);
  }
  if (there.notNull && !wanted.notNull) {
    changes.push({ path: `${path}.notNull`, kind: "update" });
    alter(`ALTER COLUMN ${column} DROP NOT NULL`);
  } else if (!there.notNull && wanted.notNull) {
    refusals.push({
      path: `${path}.notNull`,
      from: "false",
      to: "true",
      why: `SET NOT NULL reads the whole table under a lock that stops reads and writes, and fails if ${wanted.name} holds a null`,
      hint: `Fill the nulls, add a check (${column} IS NOT NULL) to the program, then run ALTER COLUMN ${column} SET NOT NULL by hand and refresh.`,
    });
  }
}

/** Why ADD COLUMN would not be over in an instant, or undefined. */
function reasonNotToAdd(column: WantedColumn): Pick<Refusal, "why" | "hint"> | undefined {
  if (integerBehind(column.type) !== undefined) {
    return {
      why: `adding a ${column.type} column rewrites the table to number its rows`,
      hint: "Add an integer column that may be null, fill it, and give it a default by hand.",
    };
  }
  if (column.isDomain === true) {
    return {
      why: `${column.type} is a domain, whose checks can make ADD COLUMN rewrite the table`,
      hint: "Use the type behind the domain, with a check of the table's own.",
    };
  }
  if (column.default !== undefined && !isSteady(column.default)) {
    return {
      why: `the default ${column.default} may differ from row to row, so adding it can rewrite the table`,
      hint: "Add the column without a default, then give it the default: rows to come get it, and those there are filled by hand.",
    };
  }
  if (column.notNull && (column.default === undefined || isNull(column.default))) {
    return {
      why: "rows that are there would have no value for a NOT NULL column",
      hint: "Give it a constant default, or leave notNull out.",
    };
  }
  return undefined;
}

function columnText(column: WantedColumn): string {
  const expression = column.default === undefined ? "" : ` DEFAULT ${column.default}`;
  return `${column.name} ${column.type}${column.notNull ? " NOT NULL" : ""}${expression}`;
}
