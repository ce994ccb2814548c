import { schemaName } from "../../../lib/commerce-model.ts";
import { readTables, type LiveTable } from "../../catalogue/live-table.ts";
import { describeReference, orphansOf, references, type Reference } from "../../catalogue/orphans.ts";
import type { Check } from "../check.ts";

export const foreignKeys: Check = {
  name: "foreign-keys",
  title: "Every foreign key holds for every row, and is enforced",
  endpoint: "rw",
  run: (context) =>
    context.transaction("rw", "app", "snapshot", async (client) => {
      const live = await readTables(client, schemaName);
      const faults: string[] = [];
      for (const reference of references) {
        const orphans = await orphansOf(client, reference);
        if (orphans !== undefined) faults.push(orphans);
        faults.push(...constraintFaults(reference, live));
      }
      return { faults, detail: `${references.length} foreign keys, no row without its parent` };
    }),
};

function constraintFaults(reference: Reference, live: readonly LiveTable[]): string[] {
  const { table, key } = reference;
  const text = describeReference(reference);
  const found = live
    .find(({ name }) => name === table.name)
    ?.foreignKeys.find(
      (candidate) => candidate.table === key.table && candidate.columns.join() === key.columns.join(),
    );
  if (!found) return [`${text}: there is no constraint`];
  return [
    ...(found.validated ? [] : [`${text}: ${found.name} is NOT VALID`]),
    ...(found.enforced ? [] : [`${text}: ${found.name} has disabled triggers`]),
  ];
}
