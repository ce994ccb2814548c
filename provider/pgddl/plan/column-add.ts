import { quoteIdentifier } from "../../../lib/identifier.ts";
import {
  excusePermissions,
  leavesQuestion,
  mayRewrite,
  ofTable,
  sizeOf,
  tableNow,
} from "./column-questions.ts";
import { planDetails } from "./column-details.ts";
import { notNullQuestions, planFilled } from "./column-null.ts";
import { columnSql, columnText } from "./column-sql.ts";
import { isNull, isSteady } from "./default-expression.ts";
import type { Refusal } from "./difference.ts";
import { Overrides } from "./overrides.ts";
import {
  hasRows,
  rowsQuestion,
  sizeQuestion,
  versionIn,
  versionQuestion,
  type Question,
} from "./question.ts";
import { atLength, briefly } from "./statement.ts";
import type { NamedChange, PartBuilder, PlannedChange } from "./table-part.ts";
import { integerBehind, isBuiltIn } from "./type-name.ts";
import type { WantedColumn } from "./wanted-column.ts";

export function addQuestions(change: NamedChange, column: WantedColumn): readonly Question[] {
  const table = tableNow(change);
  const rewrites = isWrittenToAll(column);
  const isFilled = column.backfill !== undefined && column.notNull;
  return [
    ...(column.isVirtual === true || (column.identity && change.live.partitionBy) ? [versionQuestion] : []),
    ...(rewrites ? [sizeQuestion(table)] : []),
    ...(hasNoValue(column) ? [rowsQuestion(table), sizeQuestion(table)] : []),
    ...(isFilled && (rewrites || hasNoValue(column)) ? notNullQuestions(change, undefined, column) : []),
    ...(isFilled && change.live.partitionBy ? [leavesQuestion(table)] : []),
  ];
}

export function planAdd(part: PartBuilder, change: PlannedChange, path: string, column: WantedColumn): void {
  const { sql: table, on, rest } = ofTable(change);
  const refuse = (why: Pick<Refusal, "why" | "hint">): void => {
    excusePermissions(change, column.name);
    part.refuse({ path, from: "no column", to: columnText(column), ...why });
  };
  if (column.isVirtual === true && versionIn(change.answers) < 180_000) {
    refuse({
      why: "PostgreSQL computes generated columns when they are read from version 18 on",
      hint: "Leave isVirtual out: the values are stored then.",
    });
    return;
  }
  if (column.identity !== undefined && change.isPartitioned && versionIn(change.answers) < 170_000) {
    refuse({
      why: "PostgreSQL adds an identity column to a partitioned table from version 17 on",
      hint: `Choose type ${column.type === "bigint" ? "bigserial" : "serial"}, which numbers rows just so.`,
    });
    return;
  }
  const rewrites = isWrittenToAll(column);
  const isToFill = rewrites ? !mayRewrite(change, column.name) : isEmptyHanded(change, column);
  if (isToFill) {
    const reason = reasonNotToFill(change, column, rewrites);
    if (reason) {
      refuse(reason);
      return;
    }
    part.change(path, "add");
    const { name, type, default: expression, collation } = column;
    part.quick(
      "alter",
      briefly(`ALTER TABLE ${table} ADD COLUMN ${columnSql({ name, type, collation })}`, on, rest),
    );
    if (expression !== undefined) {
      const set = `ALTER COLUMN ${quoteIdentifier(column.name)} SET DEFAULT (${expression})`;
      part.quick("alter", briefly(`ALTER TABLE ${table} ${set}`, on, rest));
    }
    planFilled(part, change, path, column);
  } else {
    part.change(path, "add");
    const sql = `ALTER TABLE ${table} ADD COLUMN ${columnSql(column)}`;
    const { withPartitions } = rest;
    const lock = { mode: "ACCESS EXCLUSIVE", on, ...(withPartitions && { withPartitions }) } as const;
    if (rewrites) {
      const hazards = ["blocks reads and writes", "takes long on a big table"] as const;
      part.alone("alter", atLength(sql, { locks: [lock], rewrites, ...sizeOf(change), hazards }));
    } else {
      part.quick("alter", briefly(sql, on, { ...rest, ...(hasNoValue(column) && { scans: true }) }));
    }
  }
  planDetails(part, change, undefined, column);
}

/** Whether ADD COLUMN writes every row anew, since no one value does for all. */
function isWrittenToAll(column: WantedColumn): boolean {
  if (column.generated !== undefined) return column.isVirtual !== true;
  if (column.identity !== undefined || integerBehind(column.type) !== undefined) return true;
  if (column.rewritesWhenAdded !== undefined) return column.rewritesWhenAdded;
  return !isBuiltIn(column.type) || (column.default !== undefined && !isSteady(column.default));
}

/** Whether rows that are there would have nothing to put into a NOT NULL column. */
function hasNoValue(column: WantedColumn): boolean {
  const isNumbered = column.identity !== undefined || integerBehind(column.type) !== undefined;
  if (!column.notNull || isNumbered || column.generated !== undefined) return false;
  return column.default === undefined || isNull(column.default);
}

function isEmptyHanded(change: PlannedChange, column: WantedColumn): boolean {
  return hasNoValue(column) && hasRows(change.answers, tableNow(change));
}

function reasonNotToFill(
  change: PlannedChange,
  column: WantedColumn,
  rewrites: boolean,
): Pick<Refusal, "why" | "hint"> | undefined {
  const { name } = column;
  if (!rewrites) {
    if (column.backfill !== undefined) return undefined;
    return {
      why: "rows that are there would have no value for a NOT NULL column",
      hint: `Give it a constant default; or say in \`backfill\` what those rows get (an SQL expression: backfill: "0"), which fills them in batches.`,
    };
  }
  const isFillable =
    column.generated === undefined && column.identity === undefined && column.isDomain !== true;
  if (
    isFillable &&
    integerBehind(column.type) === undefined &&
    column.notNull &&
    column.backfill !== undefined
  ) {
    return undefined;
  }
  const { size } = sizeOf(change);
  const rows = size ? `about ${size.rows.toLocaleString("en")} rows` : "every row";
  const why = `${reasonToRewrite(column)}: ${rows} would be written anew under a lock that stops reads and writes`;
  const permit = `${Overrides.hint("allowRewrite", `column:${name}`)} to do so.`;
  return { why, hint: `${permit} ${alternative(column)}` };
}

function reasonToRewrite(column: WantedColumn): string {
  if (column.generated !== undefined) return "a stored generated column is computed for each row";
  if (column.identity !== undefined || integerBehind(column.type) !== undefined)
    return "each row gets a number";
  if (column.default !== undefined) return `the default ${column.default} may differ from row to row`;
  return `${column.type} may be a domain, whose checks each row has to pass`;
}

function alternative(column: WantedColumn): string {
  if (column.generated !== undefined) {
    return "Or have PostgreSQL 18 compute it when it is read (isVirtual: true), or keep it in a view.";
  }
  if (column.identity !== undefined || integerBehind(column.type) !== undefined) {
    return `Or add it as an integer that may be null, number the rows in batches, then declare it notNull with an identity.`;
  }
  if (column.default === undefined)
    return "Or use the type behind the domain, with a check of the table's own.";
  const backfill = `backfill: ${JSON.stringify(column.default)}`;
  return `Or declare it notNull with ${backfill}: it is added empty, then filled in batches. Or add it without the default in this update and give it the default in the next, for rows to come.`;
}
