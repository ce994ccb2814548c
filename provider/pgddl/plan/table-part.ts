import type { CheckCatalog, TableCatalog } from "../catalog.ts";
import type { Change, Difference, Refusal } from "./difference.ts";
import { Overrides } from "./overrides.ts";
import type { Answers } from "./question.ts";
import type { Plan, Statement, Step, TableName } from "./statement.ts";
import type { RecordedTable, WantedTable } from "./wanted-table.ts";

/**
 * When something of a table's change happens. Each phase relies on those before: names are settled first, nothing
 * is tightened before the rows are filled, and what goes has gone before anything takes long. What was built beside
 * its predecessor takes its place in `swap`; what only the predecessor forbade is done in `finish`.
 */
export const phases = ["rename", "loosen", "alter", "fill", "build", "tighten", "swap", "finish"] as const;
export type Phase = (typeof phases)[number];

/** A change of a table. */
export interface TableChange {
  /** Only what is managed; extras of others are left out by the caller. Named as it is now. */
  readonly live: TableCatalog;
  readonly wanted: WantedTable;
  readonly recorded: RecordedTable | undefined;
}

/**
 * The same as every part of the planner sees it: `live` says its columns' names to come. A question is asked
 * before the rename, and has to use the names of now.
 */
export interface NamedChange extends TableChange {
  /** What the database calls a column now. */
  readonly nameNow: (column: string) => string;
  /** Checks that a cut-off SET NOT NULL left behind, by column; `live.checks` is without them. */
  readonly nullHelpers: ReadonlyMap<string, CheckCatalog>;
}

/** The same with what the database answered, for the planning itself. */
export interface PlannedChange extends NamedChange {
  readonly answers: Answers;
  readonly overrides: Overrides;
  /** The table's name once the phase `rename` is over: what every later statement says. */
  readonly table: TableName;
  /** Whether there are partitions, so that a statement on the table reaches them too. */
  readonly isPartitioned: boolean;
}

/** What one aspect of a table (its columns, its checks) contributes to a change. */
export interface Part {
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly string[];
  readonly steps: readonly PhasedStep[];
}

export interface PhasedStep {
  readonly phase: Phase;
  /** Runs as the table's owner unless the step says otherwise. */
  readonly step: Step;
  /** Whether it stays a transaction of its own: it takes long, or must be committed before the next. */
  readonly isAlone?: boolean;
}

/** A part that is still being put together. */
export class PartBuilder implements Part {
  readonly changes: Change[] = [];
  readonly refusals: Refusal[] = [];
  readonly warnings: string[] = [];
  readonly steps: PhasedStep[] = [];
  readonly #owner: string;

  constructor({ live }: TableChange) {
    this.#owner = live.owner;
  }

  change(path: string, kind: Change["kind"] = "update"): void {
    this.changes.push({ path, kind });
  }

  refuse(refusal: Refusal): void {
    this.refusals.push(refusal);
  }

  warn(warning: string): void {
    this.warnings.push(warning);
  }

  /** Statements of the catalogue alone, which share one transaction with the others of their phase. */
  quick(phase: Phase, ...statements: readonly Statement[]): void {
    this.steps.push({ phase, step: { isTransaction: true, role: this.#owner, statements } });
  }

  /** A transaction of its own. */
  alone(phase: Phase, ...statements: readonly Statement[]): void {
    this.steps.push({ phase, step: { isTransaction: true, role: this.#owner, statements }, isAlone: true });
  }

  /** Each statement commits by itself. */
  outside(phase: Phase, ...statements: readonly Statement[]): void {
    this.steps.push({ phase, step: { isTransaction: false, role: this.#owner, statements } });
  }

  /** With the connection's own rights. */
  asSelf(phase: Phase, ...statements: readonly Statement[]): void {
    this.steps.push({ phase, step: { isTransaction: true, statements }, isAlone: true });
  }
}

/** Puts the parts in the order of their phases. With a refusal anywhere nothing is done at all. */
export function assemble(change: PlannedChange, parts: readonly Part[]): Difference {
  const unused = change.overrides.unused(change.recorded?.spec);
  const refusals = [...parts.flatMap((part) => part.refusals), ...unused.refusals];
  const changes = parts.flatMap((part) => part.changes);
  const refused = refusals
    .filter(({ path }) => !changes.some((each) => each.path === path))
    .map(({ path }) => ({ path, kind: "update" as const }));
  const ordered = phases.flatMap((phase) =>
    parts.flatMap((part) => part.steps.filter((each) => each.phase === phase)),
  );
  return {
    changes: [...changes, ...refused],
    refusals,
    warnings: [...parts.flatMap((part) => part.warnings), ...unused.warnings],
    plan: refusals.length > 0 ? [] : merge(ordered),
  };
}

/** Neighbouring transactions of one role become one: a table is locked once, and either all of it is done or nothing. */
function merge(steps: readonly PhasedStep[]): Plan {
  const merged: { step: Step; isAlone: boolean }[] = [];
  for (const { step, isAlone = !step.isTransaction } of steps) {
    const last = merged.at(-1);
    const isMergeable = last && !last.isAlone && !isAlone && last.step.role === step.role;
    if (isMergeable) last.step = { ...last.step, statements: [...last.step.statements, ...step.statements] };
    else merged.push({ step, isAlone });
  }
  return merged.map(({ step }) => step);
}
