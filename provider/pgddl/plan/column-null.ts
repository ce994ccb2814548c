import { quoteIdentifier, qualify } from "../../../lib/identifier.ts";
import type { ColumnCatalog } from "../catalog.ts";
import {
  leavesIn,
  leavesQuestion,
  offendingRows,
  ofTable,
  quotedNow,
  sizeOf,
  tableNow,
} from "./column-questions.ts";
import { notNullHelperName } from "./made-up-name.ts";
import {
  hasRows,
  offendingIn,
  rowsQuestion,
  sizeQuestion,
  tellOffending,
  type Question,
} from "./question.ts";
import { atLength, briefly, type Statement } from "./statement.ts";
import type { NamedChange, PartBuilder, PlannedChange } from "./table-part.ts";
import type { WantedColumn } from "./wanted-column.ts";

/** Rows of a batch: few enough for its locks to be gone in a moment. */
const batchRows = 5_000;

const nulls = (name: string): string => `nulls ${name}`;
const unfilled = (name: string): string => `unfilled ${name}`;

/** @param there undefined: a column that is to be added, which is null everywhere */
export function notNullQuestions(
  change: NamedChange,
  there: ColumnCatalog | undefined,
  { name, backfill }: WantedColumn,
): readonly Question[] {
  const table = tableNow(change);
  const isNull = there ? `${quotedNow(change, name)} IS NULL` : "true";
  return [
    rowsQuestion(table),
    sizeQuestion(table),
    ...(there ? [offendingRows(nulls(name), change, isNull)] : []),
    ...(backfill === undefined
      ? []
      : [
          offendingRows(unfilled(name), change, `${isNull} AND (${backfill}) IS NULL`),
          ...(change.live.partitionBy ? [leavesQuestion(table)] : []),
        ]),
  ];
}

/** SET NOT NULL on a column that is there; what an interrupted one left is gone on with, or cleaned up. */
export function planNotNull(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
): void {
  const { name } = wanted;
  const { sql: table, on, rest } = ofTable(change);
  const at = `${path}.notNull`;
  const helper = change.nullHelpers.get(name);
  const dropHelper = briefly(`ALTER TABLE ${table} DROP CONSTRAINT ${helperOf(name)}`, on, rest);
  if (there.notNull === wanted.notNull) {
    if (!helper) return;
    part.change(at);
    part.quick("loosen", dropHelper);
    return;
  }
  part.change(at);
  if (!wanted.notNull) {
    // Not before a primary key over it is gone, or has been swapped for another.
    const isKeySwapped = change.live.primaryKey?.columns.includes(name) === true && change.wanted.primaryKey;
    part.quick(
      isKeySwapped ? "finish" : "alter",
      briefly(`ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(name)} DROP NOT NULL`, on, rest),
    );
    if (helper) part.quick("loosen", dropHelper);
    return;
  }
  if (!hasRows(change.answers, tableNow(change)) && !helper) {
    part.quick("tighten", setNotNull(change, name, { scans: true }));
    return;
  }
  const offending = offendingIn(change.answers, nulls(name));
  if (wanted.backfill === undefined) {
    if (offending && offending.count > 0) {
      part.refuse({
        ...{ path: at, from: "false", to: "true" },
        why: `${name} is null in ${tellOffending(offending)}`,
        hint: `Say in the column's \`backfill\` what such rows get (an SQL expression: backfill: "0"), or fill them first.`,
      });
      return;
    }
    if (!offending) {
      part.warn(
        `whether ${name} holds nulls could not be counted in time; if it does, the update stops when it finds out`,
      );
    }
    tighten(part, change, name, []);
    return;
  }
  const isToFill = !offending || offending.count > 0;
  fillAndTighten(part, change, at, wanted, isToFill);
}

/** NOT NULL for a column that the same update has added, null in every row. */
export function planFilled(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  wanted: WantedColumn,
): void {
  fillAndTighten(part, change, path, wanted, true);
}

function fillAndTighten(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  { name, backfill = "NULL" }: WantedColumn,
  isToFill: boolean,
): void {
  const refuse = (why: string, hint: string): void => {
    part.refuse({ path, from: "null", to: `backfill ${backfill}`, why, hint });
  };
  const left = offendingIn(change.answers, unfilled(name));
  if (left && left.count > 0) {
    refuse(
      `backfill gives null itself, in ${tellOffending(left)}`,
      `Give an expression that is never null: backfill: ${JSON.stringify(`coalesce(${backfill}, …)`)}.`,
    );
    return;
  }
  const leaves = leavesIn(change);
  if (!leaves) {
    refuse(
      "which partitions hold the rows could not be found out",
      "Run the preview again when the server answers.",
    );
    return;
  }
  const fill = isToFill
    ? leaves.map(({ on: leaf, ...size }) => {
        const from = qualify(leaf.schema, leaf.name);
        const column = quoteIdentifier(name);
        // A row for which the expression is null would be found again for ever.
        const predicate = `${column} IS NULL AND (${backfill}) IS NOT NULL`;
        const batch = `SELECT ctid FROM ${from} WHERE ${predicate} LIMIT ${batchRows}`;
        return atLength(
          `UPDATE ${from} SET ${column} = (${backfill}) WHERE ctid = ANY (ARRAY(${batch})) AND ${column} IS NULL`,
          {
            locks: [{ mode: "ROW EXCLUSIVE", on: leaf }],
            scans: true,
            ...size,
            repeats: true,
          },
        );
      })
    : [];
  if (fill.length > 0) part.outside("fill", ...fill);
  tighten(part, change, name, fill);
}

/**
 * A check that is validated beside reads and writes proves that there is no null, so that SET NOT NULL need not look.
 * @param fill done once more when new nulls are refused: rows may have come since
 */
function tighten(part: PartBuilder, change: PlannedChange, name: string, fill: readonly Statement[]): void {
  const { sql: table, on, rest } = ofTable(change);
  const helper = change.nullHelpers.get(name);
  const constraint = helperOf(name);
  if (!helper) {
    const check = `CHECK (${quoteIdentifier(name)} IS NOT NULL) NOT VALID`;
    part.quick("tighten", briefly(`ALTER TABLE ${table} ADD CONSTRAINT ${constraint} ${check}`, on, rest));
  }
  if (fill.length > 0) part.outside("tighten", ...fill);
  if (helper?.isValidated !== true) {
    const { withPartitions } = rest;
    part.alone(
      "tighten",
      atLength(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint}`, {
        locks: [{ mode: "SHARE UPDATE EXCLUSIVE", on, ...(withPartitions && { withPartitions }) }],
        scans: true,
        ...sizeOf(change),
      }),
    );
  }
  part.quick(
    "tighten",
    setNotNull(change, name),
    briefly(`ALTER TABLE ${table} DROP CONSTRAINT ${constraint}`, on, rest),
  );
}

function setNotNull(change: PlannedChange, name: string, more: Partial<Statement> = {}): Statement {
  const { sql: table, on, rest } = ofTable(change);
  return briefly(`ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(name)} SET NOT NULL`, on, {
    ...rest,
    ...more,
  });
}

const helperOf = (column: string): string => quoteIdentifier(notNullHelperName(column));
