import { quoteIdentifier } from "../../../lib/identifier.ts";
import type { ColumnCatalog } from "../catalog.ts";
import { addQuestions, planAdd } from "./column-add.ts";
import { detailQuestions, planDetails } from "./column-details.ts";
import { dropQuestions, planDropColumn, planStaleArchives } from "./column-drop.ts";
import { notNullQuestions, planNotNull } from "./column-null.ts";
import { ofTable } from "./column-questions.ts";
import { isTypeChanged, planType, typeQuestions } from "./column-type.ts";
import { planValue, valueQuestions } from "./column-value.ts";
import type { Question } from "./question.ts";
import { briefly } from "./statement.ts";
import { PartBuilder, type NamedChange, type Part, type PlannedChange } from "./table-part.ts";
import type { WantedColumn } from "./wanted-column.ts";

export function columnQuestions(change: NamedChange): readonly Question[] {
  const { live, wanted } = change;
  return [
    ...wanted.columns.flatMap((column) => {
      const there = named(live.columns, column.name);
      if (!there) return addQuestions(change, column);
      const isTightened = column.notNull && !there.notNull;
      return [
        ...typeQuestions(change, there, column),
        ...valueQuestions(change, there, column),
        ...(isTightened ? notNullQuestions(change, there, column) : []),
        ...detailQuestions(there, column),
      ];
    }),
    ...live.columns.flatMap((column) =>
      named(wanted.columns, column.name) ? [] : dropQuestions(change, column),
    ),
  ];
}

/** The columns' part of a change; column order does not matter. */
export function columnPart(change: PlannedChange): Part {
  const { live, wanted } = change;
  const part = new PartBuilder(change);
  wanted.columns.forEach((column, at) => {
    const path = `columns[${at}]`;
    const there = named(live.columns, column.name);
    if (there) changeColumn(part, change, path, there, column);
    else planAdd(part, change, path, column);
  });
  live.columns.forEach((column, at) => {
    if (!named(wanted.columns, column.name)) planDropColumn(part, change, `columns[${at}]`, column);
  });
  planStaleArchives(part, change);
  return part;
}

function changeColumn(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
): void {
  const now = change.nameNow(wanted.name);
  if (now !== wanted.name) {
    const { sql: table, on, rest } = ofTable(change);
    part.change(`${path}.name`);
    const names = `${quoteIdentifier(now)} TO ${quoteIdentifier(wanted.name)}`;
    part.quick("rename", briefly(`ALTER TABLE ${table} RENAME COLUMN ${names}`, on, rest));
  }
  const isTyped = isTypeChanged(there, wanted);
  if (isTyped) {
    const before = part.refusals.length;
    planType(part, change, path, there, wanted);
    // What default and NOT NULL mean depends on the type.
    if (part.refusals.length > before) return;
  }
  planValue(part, change, path, there, wanted, isTyped);
  planNotNull(part, change, path, there, wanted);
  planDetails(part, change, path, wanted, there);
}

function named<T extends { readonly name: string }>(list: readonly T[], name: string): T | undefined {
  return list.find((each) => each.name === name);
}
