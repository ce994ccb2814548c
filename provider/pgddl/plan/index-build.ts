import type { IndexSpec } from "../spec.ts";
import type { IndexedTable, Leftover } from "./index-facts.ts";
import {
  attachIndex,
  buildAtOnce,
  buildConcurrently,
  buildShell,
  commentOnIndex,
  dropConcurrently,
  dropPartitioned,
} from "./index-sql.ts";
import { partName } from "./made-up-name.ts";
import type { Plan, Statement, Step } from "./statement.ts";

/**
 * Builds the index; without stopping writes where the table holds rows. Goes on with what a cut-off build left.
 * @param table undefined in a preview in which the table is still to be made
 */
export function planIndexCreate(spec: IndexSpec, table: IndexedTable | undefined): Plan {
  const role = table && { role: table.owner };
  const comment = spec.comment === undefined ? [] : [commentOnIndex(spec.schema, spec.name, spec.comment)];
  if (!table || (table.isEmpty && table.leftovers.length === 0)) {
    const on = { schema: spec.schema, name: spec.table, isPartitioned: table?.isPartitioned };
    // Made in the same transaction, the index is nobody's to wait for.
    const quiet = comment.map((statement) => ({ ...statement, locks: [] }));
    return [{ isTransaction: true, ...role, statements: [buildAtOnce(spec, on), ...quiet] }];
  }
  return [...planIndexBuild(spec, table), ...asTransaction(table, comment)];
}

/** As on a table with rows, whatever there is. Leftovers that are valid are taken for what they are called. */
export function planIndexBuild(spec: IndexSpec, table: IndexedTable): Plan {
  const { leftovers } = table;
  if (table.isPartitioned) return partitionedBuild(spec, table);
  const there = leftovers.find(({ name }) => name === spec.name);
  if (there?.isValid === true) return [];
  const on = { schema: spec.schema, name: spec.table, size: table.size };
  const build = buildConcurrently(spec, spec.name, on);
  return alone(table, [...leftovers.map(dropLeftover), build]);
}

/** Drops what a cut-off build left that hangs on nothing; what is attached goes with the index above it. */
export function planLeftoversDrop(table: IndexedTable, leftovers: readonly Leftover[]): Plan {
  return leftovers.flatMap((leftover) =>
    leftover.isPartitioned
      ? asTransaction(table, [dropLeftover(leftover)])
      : alone(table, [dropLeftover(leftover)]),
  );
}

function partitionedBuild(spec: IndexSpec, table: IndexedTable): Plan {
  const has = (schema: string, name: string): Leftover | undefined =>
    table.leftovers.find((each) => each.schema === schema && each.name === name);
  const parents = table.below.filter((each) => each.isPartitioned && !each.attached);
  const shells = [
    { schema: spec.schema, name: spec.table, index: spec.name },
    ...parents.map((each) => ({ ...each, index: partName(each.name, spec.name) })),
  ].filter((each) => !has(each.schema, each.index));
  const steps: Step[] = [
    ...asTransaction(
      table,
      shells.map((each) => buildShell(spec, each.index, each)),
    ),
  ];
  const indexOf = (schema: string, name: string): string => {
    const part = table.below.find((each) => each.schema === schema && each.name === name);
    if (!part) return spec.name;
    return part.attached?.name ?? partName(name, spec.name);
  };
  // Children before parents: a parent's index turns valid when the last of its children is attached.
  for (const part of [...table.below].reverse()) {
    if (part.attached) continue;
    const index = indexOf(part.schema, part.name);
    const there = has(part.schema, index);
    if (!part.isPartitioned && there?.isValid !== true) {
      const dropping = there ? [dropLeftover(there)] : [];
      steps.push(...alone(table, [...dropping, buildConcurrently(spec, index, part)]));
    }
    const above = { schema: part.parentSchema, name: indexOf(part.parentSchema, part.parent) };
    steps.push(...asTransaction(table, [attachIndex(above, { schema: part.schema, name: index })]));
  }
  return steps;
}

function dropLeftover({ schema, name, table, isPartitioned }: Leftover): Statement {
  return (isPartitioned ? dropPartitioned : dropConcurrently)(schema, name, table);
}

function asTransaction({ owner }: IndexedTable, statements: readonly Statement[]): Plan {
  return statements.length > 0 ? [{ isTransaction: true, role: owner, statements }] : [];
}

function alone({ owner }: IndexedTable, statements: readonly Statement[]): Plan {
  return [{ isTransaction: false, role: owner, statements }];
}
