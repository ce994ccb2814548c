import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { ColumnCatalog } from "../catalog.ts";
import { columnSql } from "./column-sql.ts";
import { isNull, isSteady } from "./default-expression.ts";
import type { Refusal } from "./difference.ts";
import type { Question } from "./question.ts";
import { briefly } from "./statement.ts";
import { PartBuilder, type Part, type PlannedChange, type TableChange } from "./table-part.ts";
import { integerBehind } from "./type-name.ts";
import type { WantedColumn } from "./wanted-table.ts";

export function columnQuestions(_change: TableChange): readonly Question[] {
  return [];
}

/** The columns' part of a change; column order does not matter. */
export function columnPart(change: PlannedChange): Part {
  const { live, wanted, isPartitioned: withPartitions, table: on } = change;
  const part = new PartBuilder(change);
  const table = qualify(on.schema, on.name);
  const alter = (sql: string): void => {
    part.quick("alter", briefly(`ALTER TABLE ${table} ${sql}`, on, { withPartitions }));
  };
  wanted.columns.forEach((column, at) => {
    const path = `columns[${at}]`;
    const there = live.columns.find((each) => each.name === column.name);
    if (there) {
      changeColumn(part, path, there, column, alter);
      return;
    }
    const reason = reasonNotToAdd(column);
    if (reason) part.refuse({ path, from: "no column", to: columnText(column), ...reason });
    else {
      part.change(path, "add");
      alter(`ADD COLUMN ${columnSql(column)}`);
    }
  });
  live.columns.forEach((column, at) => {
    if (wanted.columns.some((each) => each.name === column.name)) return;
    part.refuse({
      path: `columns[${at}]`,
      from: columnText(column),
      to: "no column",
      why: "dropping a column deletes what is in it",
      hint: `Keep it in the program, or drop it by hand (ALTER TABLE ${table} DROP COLUMN ${quoteIdentifier(column.name)}) and refresh. A renamed column reads as one dropped and one added: rename it by hand too.`,
    });
  });
  return part;
}

function changeColumn(
  part: PartBuilder,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
  alter: (sql: string) => void,
): void {
  const column = quoteIdentifier(wanted.name);
  if (there.type !== wanted.type) {
    part.refuse({
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
    part.change(`${path}.default`, isGone ? "delete" : there.default === undefined ? "add" : "update");
    alter(`ALTER COLUMN ${column} ${isGone ? "DROP DEFAULT" : `SET DEFAULT (${wanted.default})`}`);
  }
  if (there.notNull && !wanted.notNull) {
    part.change(`${path}.notNull`);
    alter(`ALTER COLUMN ${column} DROP NOT NULL`);
  } else if (!there.notNull && wanted.notNull) {
    part.refuse({
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

function columnText(
  column: Pick<WantedColumn, "name" | "type" | "notNull"> & { default?: string | undefined },
): string {
  const expression = column.default === undefined ? "" : ` DEFAULT ${column.default}`;
  return `${column.name} ${column.type}${column.notNull ? " NOT NULL" : ""}${expression}`;
}
