import { moveRefusals } from "./move-refusals.ts";
import type { ForeignKeyCatalog } from "../catalog.ts";
import { formatId } from "../object-id.ts";
import type { ForeignKeySpec } from "../spec.ts";
import { noDifference, type Change, type Difference } from "./difference.ts";
import { indexWarnings, orphanRefusals, orphansQuestion, targetRefusals } from "./foreign-key-checks.ts";
import {
  definitionWanted,
  differingPaths,
  referencedTable,
  type ForeignKeyTables,
} from "./foreign-key-facts.ts";
import {
  addForeignKey,
  deferForeignKey,
  dropForeignKey,
  renameForeignKey,
  validateForeignKey,
} from "./foreign-key-sql.ts";
import { temporaryName } from "./made-up-name.ts";
import { noAnswers, type Answers, type Question } from "./question.ts";
import type { Plan, Statement } from "./statement.ts";

const words = { one: "a foreign key", noun: "key", type: "ForeignKey", short: "a key" };

type Planned = Pick<Difference, "plan" | "refusals" | "warnings">;

/** What the database has to say when a key is made, or made anew. */
export interface ForeignKeyAround {
  /** Undefined in a preview in which the referencing table is still to be made. */
  readonly tables?: ForeignKeyTables | undefined;
  readonly answers: Answers;
  /** Whether the referenced table may still get the key that is missing. */
  readonly isPreview?: boolean | undefined;
}

/** An update of a foreign key. */
export interface ForeignKeyChange {
  readonly live: ForeignKeyCatalog;
  /** The spec of the last update. */
  readonly before: ForeignKeySpec;
  readonly wanted: ForeignKeySpec;
}

/**
 * Adds the key without looking at rows, commits, then validates it: rows are read under a lock that lets writes go on.
 */
export function planForeignKeyCreate(spec: ForeignKeySpec, around: ForeignKeyAround): Planned {
  const { tables } = around;
  const judged = judge(spec, around);
  if (judged.refusals.length > 0) return { ...judged, plan: [] };
  return { ...judged, plan: addAndValidate(spec, spec.name, tables) };
}

export function foreignKeyQuestions(
  spec: ForeignKeySpec,
  tables: ForeignKeyTables | undefined,
): readonly Question[] {
  return tables?.referenced && !tables.isEmpty ? [orphansQuestion(spec, tables)] : [];
}

/** Whether the plan for the change depends on what is around the key. */
export function needsTables({ live, wanted }: ForeignKeyChange): boolean {
  return !live.isValidated || differingPaths(live, definitionWanted(wanted)).length > 0;
}

export function planForeignKeyChange(
  change: ForeignKeyChange,
  around: ForeignKeyAround = { answers: noAnswers },
): Difference {
  const { live, wanted } = change;
  const differing = differingPaths(live, definitionWanted(wanted));
  const isRebuilt = differing.length > 0;
  const changes = changesOf(change, differing);
  if (changes.length === 0) return noDifference;
  const { tables } = around;
  const judged = isRebuilt ? judge(wanted, around) : { refusals: [], warnings: [] };
  const refusals = [...moveRefusals(live, wanted, isRebuilt, words), ...judged.refusals];
  if (refusals.length > 0) return { changes, refusals, warnings: judged.warnings, plan: [] };
  const own = { schema: live.schema, name: live.table };
  const step = stepsOf(live.owner);
  const isRenamed = live.name !== wanted.name;
  const renaming = isRenamed ? [renameForeignKey(own, live.name, wanted.name)] : [];
  const lost =
    isRebuilt && live.beyondSpec !== undefined
      ? [`the foreign key is made anew without what no property here can say: ${live.beyondSpec}`]
      : [];
  return {
    changes,
    refusals,
    warnings: [...judged.warnings, ...lost],
    plan: isRebuilt
      ? planRebuild(change, tables)
      : [
          ...successorDrop(live),
          ...step([
            ...renaming,
            ...(live.deferrable === wanted.deferrable
              ? []
              : [deferForeignKey(own, wanted.name, wanted.deferrable)]),
          ]),
          ...(live.isValidated ? [] : step([validateForeignKey(own, wanted.name, tables)])),
        ],
  };
}

export function planForeignKeyDrop(live: ForeignKeyCatalog): Planned {
  const own = { schema: live.schema, name: live.table };
  const [from, to] = [
    formatId([own.schema, own.name]),
    formatId([live.referencedSchema, live.referencedTable]),
  ];
  const plan = [
    ...successorDrop(live),
    ...stepsOf(live.owner)([dropForeignKey(own, live.name, referencedBy(live))]),
  ];
  const warning = `without ${live.name} rows of ${from} may reference what is not in ${to}`;
  return { plan, refusals: [], warnings: [warning] };
}

/** What speaks against a key of this definition, and what is to be known of it. */
function judge(
  spec: ForeignKeySpec,
  { tables, answers, isPreview }: ForeignKeyAround,
): Omit<Planned, "plan"> {
  const targets = targetRefusals(spec, tables);
  const orphans = targets.length > 0 ? [] : orphanRefusals(spec, answers);
  const isLong = tables && !tables.canWaitToValidate && !tables.isEmpty;
  const { schema, name } = referencedTable(spec);
  const [from, to] = [formatId([spec.schema, spec.table]), formatId([schema, name])];
  return {
    refusals: [...(isPreview === true ? [] : targets), ...orphans],
    warnings: [
      // The Table may be about to get it, in the same update.
      ...(isPreview === true ? targets.map(({ from, why, hint }) => `${why} yet (${from}). ${hint}`) : []),
      ...(isLong
        ? [
            `before PostgreSQL 18 a foreign key of a partitioned table is checked as it is added: nobody can write to ${from} and ${to} until all rows are read`,
          ]
        : []),
      ...indexWarnings(spec, tables),
    ],
  };
}

function addAndValidate(spec: ForeignKeySpec, name: string, tables: ForeignKeyTables | undefined): Plan {
  const step = stepsOf(tables?.owner);
  const own = { schema: spec.schema, name: spec.table };
  const canWait = tables?.canWaitToValidate !== false;
  return [
    ...step([addForeignKey(spec, name, tables)]),
    ...(canWait ? step([validateForeignKey(own, name, tables)]) : []),
  ];
}

/** The new key is there and holds for every row before the old one goes: no row is unprotected in between. */
function planRebuild({ live, wanted }: ForeignKeyChange, tables: ForeignKeyTables | undefined): Plan {
  const own = { schema: live.schema, name: live.table };
  const step = stepsOf(live.owner);
  const { successor } = live;
  const isOn =
    successor !== undefined &&
    successor.deferrable === wanted.deferrable &&
    differingPaths(successor, definitionWanted(wanted)).length === 0;
  const temporary = temporaryName(wanted.name);
  const made = isOn
    ? successor.isValidated
      ? []
      : step([validateForeignKey(own, temporary, tables)])
    : [...successorDrop(live), ...addAndValidate(wanted, temporary, tables)];
  return [
    ...made,
    ...step([
      dropForeignKey(own, wanted.name, referencedBy(live)),
      renameForeignKey(own, temporary, wanted.name),
    ]),
  ];
}

function successorDrop(live: ForeignKeyCatalog): Plan {
  if (!live.successor) return [];
  const own = { schema: live.schema, name: live.table };
  const drop = dropForeignKey(own, temporaryName(live.name), referencedBy(live.successor));
  return stepsOf(live.owner)([drop]);
}

function referencedBy({
  referencedSchema,
  referencedTable: name,
}: Pick<ForeignKeyCatalog, "referencedSchema" | "referencedTable">): { schema: string; name: string } {
  return { schema: referencedSchema, name };
}

function changesOf(
  { live, before, wanted }: ForeignKeyChange,
  differing: ReturnType<typeof differingPaths>,
): readonly Change[] {
  const paths = [
    ...(["schema", "table", "name"] as const).filter((path) => live[path] !== wanted[path]),
    ...differing.map(([path]) => path),
    ...(live.deferrable === wanted.deferrable ? [] : ["deferrable"]),
  ];
  return [
    ...paths.map((path) => ({ path, kind: kindOf(path, before, wanted) })),
    ...(live.isValidated ? [] : [{ path: "catalog.isValidated", kind: "update" as const }]),
    ...(live.successor ? [{ path: "catalog.successor", kind: "delete" as const }] : []),
  ];
}

function kindOf(path: string, before: ForeignKeySpec, wanted: ForeignKeySpec): Change["kind"] {
  const isIn = ({ references, onDelete, onUpdate, deferrable }: ForeignKeySpec): boolean => {
    const values = new Map([
      ["references.schema", references.schema],
      ["onDelete", onDelete],
      ["onUpdate", onUpdate],
      ["deferrable", deferrable],
    ]);
    return !values.has(path) || values.get(path) !== undefined;
  };
  return !isIn(wanted) ? "delete" : isIn(before) ? "update" : "add";
}

function stepsOf(owner: string | undefined): (statements: readonly Statement[]) => Plan {
  return (statements) =>
    statements.length > 0
      ? [{ isTransaction: true, ...(owner !== undefined && { role: owner }), statements }]
      : [];
}
