import type { IndexCatalog } from "../catalog.ts";
import type { IndexSpec } from "../spec.ts";
import { moveRefusals } from "./move-refusals.ts";
import type { Change, Difference, Refusal } from "./difference.ts";
import { planIndexBuild, planLeftoversDrop } from "./index-build.ts";
import {
  definitionOf,
  differingProperties,
  isSameDefinition,
  keyText,
  type IndexDefinition,
} from "./index-definition.ts";
import { duplicatesQuestion, uniqueRefusals } from "./index-duplicates.ts";
import type { IndexedTable, Leftover, PartBelow } from "./index-facts.ts";
import {
  commentOnIndex,
  dropConcurrently,
  dropPartitioned,
  renameIndex,
  requireValid,
  setParameters,
} from "./index-sql.ts";
import { isTemporaryName, outgoingName, partName, temporaryName } from "./made-up-name.ts";
import { noAnswers, type Answers, type Question } from "./question.ts";
import { noDifference } from "./difference.ts";
import type { Plan, Statement, Step } from "./statement.ts";

const words = { one: "an index", noun: "index", type: "Index", short: "an index" };

/** What an update of an index is about. */
export interface IndexChange {
  readonly live: IndexCatalog;
  /** The spec of the last update. */
  readonly before: IndexSpec;
  readonly wanted: IndexSpec;
  /** `wanted` as the server says it. */
  readonly said: IndexDefinition;
}

/** What the database has to say, when a plan needs more than the index itself. */
export interface IndexAround {
  readonly table?: IndexedTable | undefined;
  readonly answers: Answers;
}

/** The name that what is built has until it is swapped in; undefined when nothing is built or cleaned up. */
export function nameOfBuild({ live, wanted, said }: IndexChange): string | undefined {
  if (needsRebuild({ live, wanted, said })) return temporaryName(wanted.name);
  if (!live.isValid) return live.name;
  return live.helpers && temporaryName(live.name);
}

export function indexQuestions({ live, wanted, said }: IndexChange): readonly Question[] {
  const isNew = !live.isUnique || differingProperties(definitionOf(live), said).length > 0;
  return wanted.unique === true && isNew && needsRebuild({ live, wanted, said })
    ? [duplicatesQuestion(wanted)]
    : [];
}

/** @param around needed when `nameOfBuild` says so */
export function planIndexChange(
  change: IndexChange,
  { table, answers }: IndexAround = { answers: noAnswers },
): Difference {
  const { live, wanted, said } = change;
  const isRebuilt = needsRebuild(change);
  const refusals = [
    ...moveRefusals(live, wanted, isRebuilt, words),
    ...(isRebuilt ? [...usedRefusals(live, "made anew"), ...uniqueRefusals(wanted, table, answers)] : []),
  ];
  const changes = changesOf(change);
  if (refusals.length > 0) return { changes, refusals, warnings: [], plan: [] };
  if (changes.length === 0) return noDifference;
  const warnings =
    isRebuilt && live.beyondSpec !== undefined
      ? [
          `index ${live.schema}.${live.name} is made anew without what no property here can say: ${live.beyondSpec}`,
        ]
      : [];
  const owner = { role: live.owner };
  const transaction = (statements: readonly Statement[]): Plan =>
    statements.length > 0 ? [{ isTransaction: true, ...owner, statements }] : [];
  const begun = isRebuilt ? successorOf(live, said, wanted) : undefined;
  const isRenamed = live.name !== wanted.name;
  const plan = [
    ...helpersDrop(live, begun),
    ...(begun === undefined && (isRebuilt || live.isValid) ? looseDrop(live, table) : []),
    ...transaction(isRenamed ? [renameIndex(live.schema, live.name, wanted.name)] : []),
    ...(isRebuilt
      ? planRebuild(change, table, begun !== undefined)
      : planInPlace(change, table, transaction)),
  ];
  return { changes, refusals, warnings, plan };
}

/** Without stopping writes where PostgreSQL can do that: with an index of a partitioned table it cannot. */
export function planIndexDrop(
  live: IndexCatalog,
  table: IndexedTable | undefined,
): Pick<Difference, "plan" | "refusals" | "warnings"> {
  const refusals = usedRefusals(live, "dropped");
  if (refusals.length > 0) return { refusals, warnings: [], plan: [] };
  const loose = live.isValid ? [] : (table?.leftovers ?? []);
  return {
    refusals: [],
    warnings: live.isUnique
      ? [
          `nothing keeps (${live.columns.map(keyText).join(", ")}) of ${live.schema}.${live.table} unique any more`,
        ]
      : [],
    plan: [
      ...helpersDrop(live),
      dropStep(live, live.name),
      ...(table
        ? planLeftoversDrop(
            table,
            loose.filter((each) => !each.isAttached && each.name !== live.name),
          )
        : []),
    ],
  };
}

function needsRebuild({ live, wanted, said }: Pick<IndexChange, "live" | "wanted" | "said">): boolean {
  if (!isSameDefinition(definitionOf(live), said)) return true;
  // ALTER INDEX … SET refuses a partitioned index.
  return live.isPartitioned && !hasSameParameters(live.storageParameters, wanted.storageParameters);
}

function changesOf({ live, before, wanted, said }: IndexChange): readonly Change[] {
  const differing: readonly (keyof IndexSpec)[] = [
    ...(live.schema === wanted.schema ? [] : ["schema" as const]),
    ...(live.table === wanted.table ? [] : ["table" as const]),
    ...(live.name === wanted.name ? [] : ["name" as const]),
    ...differingProperties(definitionOf(live), said),
    ...(hasSameParameters(live.storageParameters, wanted.storageParameters)
      ? []
      : ["storageParameters" as const]),
    ...(live.comment === wanted.comment ? [] : ["comment" as const]),
  ];
  const kindOf = (path: keyof IndexSpec): Change["kind"] =>
    wanted[path] === undefined ? "delete" : before[path] === undefined ? "add" : "update";
  return [
    ...differing.map((path) => ({ path, kind: kindOf(path) })),
    ...(live.isValid ? [] : [{ path: "catalog.isValid", kind: "update" as const }]),
    ...(live.helpers ? [{ path: "catalog.helpers", kind: "delete" as const }] : []),
  ];
}

function usedRefusals(live: IndexCatalog, fate: string): readonly Refusal[] {
  if (!live.usedBy) return [];
  return [
    {
      path: "name",
      from: live.name,
      to: fate,
      why: `${live.usedBy.join(", ")} cannot do without this very index`,
      hint: "Give what needs it another index first, or remove that.",
    },
  ];
}

/** What a cut-off update has begun and this one goes on with: the new index, of the wanted definition. */
function successorOf(live: IndexCatalog, said: IndexDefinition, wanted: IndexSpec): string | undefined {
  return live.helpers?.find(
    (each) =>
      isTemporaryName(each.name) &&
      isSameDefinition(definitionOf(each), said) &&
      hasSameParameters(each.storageParameters, wanted.storageParameters) &&
      (each.isValid || each.isPartitioned),
  )?.name;
}

/** @param kept the helper that the plan goes on with */
function helpersDrop(live: IndexCatalog, kept?: string): Plan {
  return (live.helpers ?? [])
    .filter(({ name }) => name !== kept)
    .map((each) => dropStep({ ...live, isPartitioned: each.isPartitioned }, each.name));
}

/** What was built for partitions under the temporary name and is not attached to anything. */
function looseDrop(live: IndexCatalog, table: IndexedTable | undefined): Plan {
  if (!table) return [];
  const known = (live.helpers ?? []).map(({ name }) => name);
  const isLoose = ({ name, isAttached }: Leftover): boolean => !isAttached && !known.includes(name);
  return planLeftoversDrop(table, table.leftovers.filter(isLoose));
}

/** Builds the new index under another name, gives it the old one's in one brief transaction, and drops the old one. */
function planRebuild({ wanted, live }: IndexChange, table: IndexedTable | undefined, goesOn: boolean): Plan {
  if (!table) return [];
  const { schema, name } = wanted;
  const temporary = temporaryName(name);
  const built = { ...wanted, name: temporary };
  const build = planIndexBuild(built, goesOn ? table : withoutLeftovers(table));
  const comment = wanted.comment === undefined ? [] : [commentOnIndex(schema, name, wanted.comment)];
  const swap = live.isPartitioned
    ? [
        requireValid(schema, temporary),
        dropPartitioned(schema, name, wanted.table),
        renameIndex(schema, temporary, name),
        ...table.below
          // The index of a partition that was added meanwhile has a name of the server's.
          .filter(
            (part) => !goesOn || !part.attached || part.attached.name === partName(part.name, temporary),
          )
          .map((part) => renameIndex(part.schema, partName(part.name, temporary), partName(part.name, name))),
      ]
    : [renameIndex(schema, name, outgoingName(name)), renameIndex(schema, temporary, name)];
  return [
    ...build,
    { isTransaction: true, role: live.owner, statements: [...swap, ...comment] },
    ...(live.isPartitioned ? [] : [dropStep(live, outgoingName(name))]),
  ];
}

function withoutLeftovers(table: IndexedTable): IndexedTable {
  // Nothing is attached to what is not there.
  const below = table.below.map((part): PartBelow => ({ ...part, attached: undefined }));
  return { ...table, leftovers: [], below };
}

function planInPlace(
  { live, wanted }: IndexChange,
  table: IndexedTable | undefined,
  transaction: (statements: readonly Statement[]) => Plan,
): Plan {
  const { schema, name, storageParameters = {} } = wanted;
  const build = live.isValid || !table ? [] : planIndexBuild({ ...wanted, name: live.name }, table);
  const isCommented = live.comment === wanted.comment;
  return [
    ...build,
    ...transaction([
      ...setParameters(schema, name, live.storageParameters ?? {}, storageParameters),
      ...(isCommented ? [] : [commentOnIndex(schema, name, wanted.comment)]),
    ]),
  ];
}

function dropStep(
  live: Pick<IndexCatalog, "schema" | "table" | "owner" | "isPartitioned">,
  name: string,
): Step {
  const { schema, table, owner, isPartitioned } = live;
  const statement = (isPartitioned ? dropPartitioned : dropConcurrently)(schema, name, table);
  return { isTransaction: isPartitioned, role: owner, statements: [statement] };
}

function hasSameParameters(
  a: Readonly<Record<string, string>> = {},
  b: Readonly<Record<string, string>> = {},
): boolean {
  const text = (each: typeof a): string => JSON.stringify(Object.entries(each).sort());
  return text(a) === text(b);
}
