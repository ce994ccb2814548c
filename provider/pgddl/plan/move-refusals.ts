import type { Refusal } from "./difference.ts";

/** Where an object that belongs to a table is, and under which name. */
interface Place {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}

/** What an index and a foreign key are called in messages. */
interface Words {
  /** `a foreign key` */
  readonly one: string;
  /** `key`: as it is called from then on. */
  readonly noun: string;
  /** `ForeignKey` */
  readonly type: string;
  /** `a key` */
  readonly short: string;
}

/**
 * An object does not leave its table, and a new name has to be said to be one.
 * @param isRebuilt whether it is made anew in the same update
 */
export function moveRefusals(
  live: Place,
  wanted: Place & { readonly renamedFrom?: string },
  isRebuilt: boolean,
  { one, noun, type, short }: Words,
): readonly Refusal[] {
  const refusals: Refusal[] = [];
  for (const path of ["schema", "table"] as const) {
    if (live[path] === wanted[path]) continue;
    refusals.push({
      path,
      from: live[path],
      to: wanted[path],
      why: `${one} stays with its table`,
      hint: `Declare another ${type} for the other table, and remove this one.`,
    });
  }
  if (live.name !== wanted.name && live.name !== wanted.renamedFrom) {
    refusals.push({
      path: "name",
      from: live.name,
      to: wanted.name,
      why: `a new name alone does not say whether the ${noun} is to be renamed`,
      hint: `Give renamedFrom: ${JSON.stringify(live.name)} to rename it.`,
    });
  } else if (live.name !== wanted.name && isRebuilt) {
    refusals.push({
      path: "renamedFrom",
      from: live.name,
      to: wanted.name,
      why: `neither its name nor its oid would tell ${short} that is made anew and renamed, were the update cut off`,
      hint: "Rename it in one update, and make the other changes in the next.",
    });
  }
  return refusals;
}
