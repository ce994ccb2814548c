import { isTableThere } from "../catalogue/tables.ts";
import type { Change } from "../plan/difference.ts";
import type { TableName } from "../plan/statement.ts";
import type { Questions } from "./kind.ts";

/** A table that an object names by a text. It may be renamed in the very update that changes the text. */
export interface TableReference<Spec, Live> {
  /** The input that holds the name: `parent`. */
  readonly path: string;
  live(live: Live): TableName | undefined;
  wanted(spec: Spec): TableName;
  /** The object as it is once its table has the name. */
  renamed(live: Live, name: string): Live;
}

/**
 * The live object under the names that its tables have, or get in this update, and the inputs that say so. A table is
 * taken for renamed when not both names are there: an object cannot move from one table to another.
 */
export async function followRenames<Spec, Live>(
  references: readonly TableReference<Spec, Live>[],
  live: Live,
  wanted: Spec,
  ask: Questions,
): Promise<{ readonly live: Live; readonly changes: readonly Change[] }> {
  let followed = live;
  const changes: Change[] = [];
  for (const reference of references) {
    const [from, to] = [reference.live(live), reference.wanted(wanted)];
    if (!from || from.schema !== to.schema || from.name === to.name) continue;
    const areThere = await ask.read(
      async (session) => (await isTableThere(session, from)) && (await isTableThere(session, to)),
    );
    if (areThere !== false) continue;
    followed = reference.renamed(followed, to.name);
    changes.push({ path: reference.path, kind: "update" });
  }
  return { live: followed, changes };
}
