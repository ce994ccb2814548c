import type { KeySpec } from "../spec.ts";
import type { Question } from "./question.ts";
import { PartBuilder, type Part, type PlannedChange, type TableChange } from "./table-part.ts";
import type { WantedTable } from "./wanted-table.ts";

const show = (names: readonly string[]): string => `(${names.join(", ")})`;

export function keyQuestions(_change: TableChange): readonly Question[] {
  return [];
}

/** PRIMARY KEY and UNIQUE. */
export function keyPart(change: PlannedChange): Part {
  const { live, wanted } = change;
  const part = new PartBuilder(change);
  const [isKey, wantsKey] = [live.primaryKey, wanted.primaryKey];
  const [from, to] = [keyText(isKey, wantsKey), keyText(wantsKey, wantsKey)];
  if (from !== to) {
    part.refuse({
      ...{ path: "primaryKey", from, to },
      why: "a changed primary key would rebuild its index under a lock that stops reads and writes",
      hint: "Change it by hand when that is all right, then refresh.",
    });
  }
  for (const difference of uniqueDifference(change)) {
    part.refuse({
      ...difference,
      why: "this version does not change unique constraints",
      hint: "Declare a unique pgddl Index instead.",
    });
  }
  return part;
}

function uniqueDifference({
  live,
  wanted,
}: {
  readonly live: { readonly uniques: readonly KeySpec[] };
  readonly wanted: WantedTable;
}): readonly { readonly path: string; readonly from: string; readonly to: string }[] {
  const left = [...live.uniques];
  const differing = wanted.uniques.flatMap((unique, at) => {
    const found = left.findIndex((each) => keyText(each, unique) === keyText(unique, unique));
    if (found >= 0) left.splice(found, 1);
    return found >= 0 ? [] : [{ path: `uniques[${at}]`, from: "none", to: keyText(unique, unique) }];
  });
  return [
    ...differing,
    ...left.map((unique) => ({ path: "uniques", from: keyText(unique, unique), to: "none" })),
  ];
}

/** A key as a text; its name counts only where `wanted` gives one. */
function keyText(key: KeySpec | undefined, wanted: KeySpec | undefined): string {
  if (!key) return "none";
  return wanted?.name === undefined ? show(key.columns) : `${key.name ?? ""} ${show(key.columns)}`;
}
