import { quoteIdentifier } from "../../../lib/identifier.ts";
import type { ColumnCatalog } from "../catalog.ts";
import { alterColumn } from "./column-details.ts";
import { excusePermissions, mayRewrite, ofTable, sizeOf } from "./column-questions.ts";
import { Overrides } from "./overrides.ts";
import { versionIn } from "./question.ts";
import { atLength, briefly } from "./statement.ts";
import type { PartBuilder, PlannedChange } from "./table-part.ts";
import type { WantedColumn } from "./wanted-column.ts";

/** Another expression of a generated column. */
export function planExpression(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
): void {
  const [was, is] = [there.isVirtual ?? false, wanted.isVirtual ?? false];
  const again = `Declare it without the column in one update and with it in the next: its values are computed anew. It is gone in between.`;
  if (was !== is) {
    excusePermissions(change, wanted.name);
    const word = (isVirtual: boolean): string => (isVirtual ? "computed when read" : "stored");
    part.refuse({
      ...{ path: `${path}.isVirtual`, from: word(was), to: word(is) },
      why: "PostgreSQL cannot change where a generated column's values are",
      hint: again,
    });
    return;
  }
  if (there.generated === wanted.generated || wanted.generated === undefined) return;
  const says = { path: `${path}.generated`, from: there.generated ?? "", to: wanted.generated };
  if (versionIn(change.answers) < 170_000) {
    excusePermissions(change, wanted.name);
    part.refuse({
      ...says,
      why: "PostgreSQL changes the expression of a generated column from version 17 on",
      hint: again,
    });
    return;
  }
  if (!is && !mayRewrite(change, wanted.name)) {
    part.refuse({
      ...says,
      why: "the values of every row would be computed anew under a lock that stops reads and writes",
      hint: `${Overrides.hint("allowRewrite", `column:${wanted.name}`)} to do so.`,
    });
    return;
  }
  part.change(says.path);
  const { sql: table, on, rest } = ofTable(change);
  const sql = `ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(wanted.name)} SET EXPRESSION AS (${wanted.generated})`;
  if (is) part.quick("alter", briefly(sql, on, rest));
  else {
    const { locks } = briefly(sql, on, rest);
    part.alone("alter", atLength(sql, { locks, rewrites: true, ...sizeOf(change) }));
  }
}

/** The computed values stay, as those of an ordinary column. */
export function planUngenerated(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
): void {
  if (there.isVirtual === true) {
    part.refuse({
      path: `${path}.generated`,
      from: `GENERATED ALWAYS AS (${there.generated ?? ""}) VIRTUAL`,
      to: "an ordinary column",
      why: "the values of a virtual column are nowhere, so that none would stay",
      hint: "Declare an ordinary column of another name, fill it, and drop this one in a later update.",
    });
    return;
  }
  if (change.isPartitioned && versionIn(change.answers) < 170_000) {
    part.refuse({
      path: `${path}.generated`,
      from: `GENERATED ALWAYS AS (${there.generated ?? ""})`,
      to: "an ordinary column",
      why: "PostgreSQL gives up the expression on a partitioned table from version 17 on",
      hint: "Declare an ordinary column of another name, fill it, and drop this one in a later update.",
    });
    return;
  }
  part.change(`${path}.generated`, "delete");
  alterColumn(part, change, wanted, "DROP EXPRESSION");
  if (wanted.default !== undefined) {
    part.change(`${path}.default`, "add");
    alterColumn(part, change, wanted, `SET DEFAULT (${wanted.default})`);
  }
}
