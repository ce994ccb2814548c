import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { PartitionCatalog } from "../catalog.ts";
import type { PartitionSpec } from "../spec.ts";
import { boundSql } from "./bound.ts";
import { isSameBound } from "./bound-algebra.ts";
import type { Change, Difference, Refusal } from "./difference.ts";
import { Overrides } from "./overrides.ts";
import type { MemberFacts, ParentFacts } from "./partition-facts.ts";
import {
  boundRefusals,
  defaultOutcome,
  defaultQuestions,
  detachQuestions,
  detachRefusals,
  existingOutcome,
  existingQuestions,
} from "./partition-fit.ts";
import { parseNote } from "./partition-note.ts";
import { membershipOf, roleOf, splitRefusals } from "./partition-plan.ts";
import { attachSteps, boundCheckName, detachStatement } from "./partition-steps.ts";
import { planStorage, storageQuestions } from "./partition-storage.ts";
import type { Answers, Question } from "./question.ts";
import { briefly, type Statement, type Step } from "./statement.ts";
import { isSameTable } from "./table-locks.ts";
import { commentOn, ownerStatement } from "./table-options-plan.ts";

/** A live partition, how it is wanted, and what there is around it. */
export interface PartitionChange {
  readonly live: PartitionCatalog;
  /** Its bound in the server's words, where it differs from the live one. */
  readonly wanted: PartitionSpec;
  readonly recorded: { readonly spec: PartitionSpec; readonly catalog: PartitionCatalog } | undefined;
  /** Read only where the partition is to be attached, or attached elsewhere. */
  readonly around: { readonly facts: ParentFacts; readonly member: MemberFacts } | undefined;
}

/** Whether the partition has to be attached: because it is not, only by half, or with another bound. */
export function isToBeAttached(live: PartitionCatalog, wanted: PartitionSpec): boolean {
  const { attached } = live;
  if (!attached || attached.isDetachPending) return true;
  return boundText(attached.bound) !== boundText(wanted.bound);
}

/** What the plan depends on; nothing where nothing moves. */
export function changeQuestions(change: PartitionChange): readonly Question[] {
  const { live, wanted, around } = change;
  const stored = storageQuestions(live, storedAs(change));
  if (!around || !isToBeAttached(live, wanted)) return stored;
  const { facts } = around;
  const isBoundNew = live.attached?.isDetachPending === false;
  const asked = [
    ...defaultQuestions(wanted, facts),
    ...existingQuestions(wanted, facts, live),
    ...(isBoundNew ? detachQuestions(facts, live) : []),
  ];
  return [...asked, ...stored.filter(({ key }) => !asked.some((each) => each.key === key))];
}

export function planPartitionChange(change: PartitionChange, answers: Answers): Difference {
  const { live, wanted, recorded } = change;
  const changes: Change[] = [];
  const refusals: Refusal[] = [];
  const overrides = new Overrides(wanted);
  // Said for the day on which the partition is removed.
  overrides.allows("allowDataLoss", "rows");
  const table = { schema: live.schema, name: wanted.name };
  refusals.push(...fixedRefusals(change));
  const quick: Statement[] = [];
  if (live.name !== wanted.name && wanted.renamedFrom === live.name) {
    changes.push({ path: "name", kind: "update" });
    const sql = `ALTER TABLE ${qualify(live.schema, live.name)} RENAME TO ${quoteIdentifier(wanted.name)}`;
    quick.push(briefly(sql, live, { withPartitions: false }));
  }
  const attachment = isToBeAttached(live, wanted) ? planAttachment(change, answers) : undefined;
  changes.push(...(attachment?.changes ?? []));
  refusals.push(...(attachment?.refusals ?? []));
  const storage = planStorage(live, storedAs(change), answers, overrides, table);
  changes.push(...storage.changes);
  refusals.push(...storage.refusals);
  quick.push(...storage.quick);
  const note = live.attached ? undefined : parseNote(live.comment);
  const comment = wanted.comment ?? note?.comment;
  if (comment !== live.comment) {
    changes.push({ path: "comment", kind: kindOf(live.comment, comment) });
    quick.push(commentOn(table, comment));
  }
  if (live.hasBoundCheck === true && !attachment) {
    const sql = `ALTER TABLE ${qualify(table.schema, table.name)} DROP CONSTRAINT ${quoteIdentifier(boundCheckName)}`;
    changes.push({ path: "bound", kind: "update" });
    quick.push(briefly(sql, table, { withPartitions: live.partitionBy !== undefined }));
  }
  const isOwnerNew = wanted.owner !== undefined && wanted.owner !== live.owner;
  if (isOwnerNew) changes.push({ path: "owner", kind: "update" });
  const unused = overrides.unused(recorded?.spec);
  refusals.push(...unused.refusals);
  const refused = refusals
    .filter(({ path }) => !changes.some((each) => each.path === path))
    .map(({ path }) => ({ path, kind: "update" as const }));
  const asOwner = (statements: readonly Statement[]): Step => ({
    isTransaction: true,
    role: live.owner,
    statements,
  });
  return {
    changes: [...changes, ...refused],
    refusals,
    warnings: unused.warnings,
    plan:
      refusals.length > 0
        ? []
        : [
            ...(quick.length > 0 ? [asOwner(quick)] : []),
            ...storage.rewrites.map((statement) => asOwner([statement])),
            ...(attachment?.steps ?? []),
            ...(isOwnerNew
              ? [{ isTransaction: true, statements: [ownerStatement(table, wanted.owner)] }]
              : []),
          ],
  };
}

/** The database's own tablespace, named, reads as none: what it became then, it is still. */
function storedAs({ live, wanted, recorded }: PartitionChange): PartitionSpec {
  const isKept =
    recorded?.spec.tablespace === wanted.tablespace && recorded?.catalog.tablespace === live.tablespace;
  const { tablespace, ...rest } = wanted;
  const settled = isKept ? live.tablespace : tablespace;
  return settled === undefined ? rest : { ...rest, tablespace: settled };
}

/** What no update changes. */
function fixedRefusals({ live, wanted }: PartitionChange): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const fixed = (path: string, from: string, to: string, why: string, hint: string): void => {
    if (from !== to) refusals.push({ path, from, to, why, hint });
  };
  fixed(
    "schema",
    live.schema,
    wanted.schema,
    "a partition is not moved to another schema",
    "Move it by hand (ALTER TABLE … SET SCHEMA), import it by its new id, and forget the old resource: `pulumi state delete`.",
  );
  if (wanted.renamedFrom !== live.name) {
    const why = "another name could be another partition, and this one would be left behind";
    fixed(
      "name",
      live.name,
      wanted.name,
      why,
      `Say where it comes from: renamedFrom: ${JSON.stringify(live.name)}.`,
    );
  }
  const parent = { schema: wanted.parentSchema ?? wanted.schema, name: wanted.parent };
  if (
    live.attached &&
    !isSameTable({ schema: live.attached.parentSchema, name: live.attached.parent }, parent)
  ) {
    fixed(
      "parent",
      `${live.attached.parentSchema}.${live.attached.parent}`,
      `${parent.schema}.${parent.name}`,
      "a partition is not moved to another parent",
      "Declare a partition of the other table, and copy the rows.",
    );
  }
  return [...refusals, ...splitRefusals(live, wanted)];
}

interface Attachment {
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
  readonly steps: readonly Step[];
}

function planAttachment({ live, wanted, around }: PartitionChange, answers: Answers): Attachment {
  const { attached } = live;
  const path = attached && !attached.isDetachPending ? "bound" : "parent";
  const changes: readonly Change[] = [{ path, kind: attached ? "update" : "add" }];
  const parent = `${wanted.parentSchema ?? wanted.schema}.${wanted.parent}`;
  if (!around) {
    const why = "the parent is not there, or could not be read";
    const hint = `Make the table ${parent} first, or check that the provider's role may read the catalogue.`;
    return { changes, refusals: [{ path, from: "not attached", to: parent, why, hint }], steps: [] };
  }
  const { facts, member } = around;
  const membership = { ...membershipOf(wanted, facts), role: roleOf(live.owner, facts) };
  const isBoundNew = attached?.isDetachPending === false;
  const fallback = defaultOutcome(wanted, facts, answers);
  const ofTable = existingOutcome(wanted, member, live, answers);
  const refusals = [
    ...boundRefusals(wanted, facts, live),
    ...fallback.refusals,
    ...ofTable.refusals,
    ...(isBoundNew ? detachRefusals(path, facts, live, answers) : []),
  ];
  const ending: readonly Step[] =
    attached?.isDetachPending === true
      ? [
          {
            isTransaction: true,
            ...(membership.role !== undefined && { role: membership.role }),
            statements: [detachStatement(membership, member, "FINALIZE")],
          },
        ]
      : [];
  // Rows of the default partition are taken into a table that is new, not into this one.
  const isFilled = fallback.options.isFilledFromDefault === true;
  if (isFilled) refusals.push(notIntoExisting(live, wanted));
  const steps = attachSteps(membership, {
    existing: {
      ...ofTable.existing,
      // Once it is detached its own foreign keys are joined with the parent's again.
      references: attached ? facts.references : member.references,
      lacksIndexes: !attached && member.lacksIndexes === true,
    },
    ...(fallback.options.defaultSize && { defaultSize: fallback.options.defaultSize }),
    ...(isBoundNew && { before: [detachStatement(membership, member)] }),
  });
  return { changes, refusals, steps: [...ending, ...steps] };
}

function notIntoExisting(live: PartitionCatalog, wanted: PartitionSpec): Refusal {
  return {
    path: "moveFromDefault",
    from: "rows in the default partition",
    to: boundSql(wanted.bound),
    why: "rows are moved only into a partition that is made for them",
    hint: `Move those rows into ${live.schema}.${live.name} by hand, in one transaction with the attach, or give them a partition of their own.`,
  };
}

/** One text for one set of rows: the order of a list bound's values means nothing. */
function boundText(bound: PartitionSpec["bound"]): string {
  return boundSql("in" in bound ? { in: [...bound.in].sort() } : bound);
}

/** Whether two bounds say the same for certain, in whatever spelling. */
export function isBoundKept(
  live: PartitionCatalog,
  wanted: PartitionSpec,
  facts: ParentFacts | undefined,
): boolean {
  if (!live.attached) return false;
  if (boundText(live.attached.bound) === boundText(wanted.bound)) return true;
  return facts !== undefined && isSameBound(facts.key, live.attached.bound, wanted.bound) === true;
}

function kindOf(from: string | undefined, to: string | undefined): Change["kind"] {
  if (from === undefined) return "add";
  return to === undefined ? "delete" : "update";
}
