import type { Difference } from "./difference.ts";
import { checkPart, checkQuestions } from "./check-plan.ts";
import { settleNames } from "./column-names.ts";
import { columnPart, columnQuestions } from "./column-plan.ts";
import { goneKeyPart, keyPart, keyQuestions } from "./key-plan.ts";
import { Overrides } from "./overrides.ts";
import type { Answers, Question } from "./question.ts";
import { tableNamePart, tableOptionPart, tableOptionQuestions } from "./table-options-plan.ts";
import { assemble, type PlannedChange, type TableChange } from "./table-part.ts";

/** What has to be known of the rows and of other objects before the change can be planned; nothing when nothing changes. */
export function tableQuestions(change: TableChange): readonly Question[] {
  const named = settleNames(change);
  const all = [columnQuestions, keyQuestions, checkQuestions, tableOptionQuestions].flatMap((ask) =>
    ask(named),
  );
  return [...new Map(all.map((question) => [question.key, question])).values()];
}

/** What makes `live` the `wanted` one. */
export function planTableChange(change: TableChange, answers: Answers): Difference {
  const named = settleNames(change);
  const { live, wanted } = named;
  const planned: PlannedChange = {
    ...named,
    answers,
    overrides: new Overrides(wanted),
    table: { schema: live.schema, name: wanted.name },
    isPartitioned: live.partitionBy !== undefined,
  };
  // Of use when the table is removed, and in no update before.
  planned.overrides.allows("allowDataLoss", "rows");
  // Within a phase the order counts: the table has its name first, keys go before their columns, the owner is last.
  return assemble(planned, [
    tableNamePart(planned),
    goneKeyPart(planned),
    columnPart(planned),
    keyPart(planned),
    checkPart(planned),
    tableOptionPart(planned),
  ]);
}
