import { qualify } from "../../../lib/identifier.ts";
import type { PartitionCatalog } from "../catalog.ts";
import type { PartitionSpec } from "../spec.ts";
import type { Difference, Refusal } from "./difference.ts";
import { Overrides } from "./overrides.ts";
import type { MemberFacts, ParentFacts } from "./partition-facts.ts";
import {
  boundRefusals,
  defaultOutcome,
  defaultQuestions,
  existingOutcome,
  existingQuestions,
} from "./partition-fit.ts";
import { parseNote } from "./partition-note.ts";
import { partitionText } from "./partition-by-sql.ts";
import { attachSteps, type Membership } from "./partition-steps.ts";
import type { Answers, Question } from "./question.ts";
import type { TableName } from "./statement.ts";
import { commentOn, ownerStatement } from "./table-options-plan.ts";
import { isSameTable } from "./table-locks.ts";

type Planned = Pick<Difference, "plan" | "refusals" | "warnings">;

/** A table of the wanted name that is to become the partition. */
export interface Candidate {
  readonly live: PartitionCatalog;
  readonly member: MemberFacts;
}

/** What the plan of a new partition depends on. */
export function createQuestions(
  spec: PartitionSpec,
  facts: ParentFacts | undefined,
  candidate?: Candidate,
): readonly Question[] {
  if (!facts) return [];
  const ofTable = candidate ? existingQuestions(spec, facts, candidate.live) : [];
  return [...defaultQuestions(spec, facts), ...ofTable];
}

/**
 * Makes the partition beside its parent and attaches it, in one transaction: PARTITION OF would lock the parent
 * against reads too. A candidate is attached as it is.
 * @param spec its bound in the server's words, where there is a parent
 * @param facts undefined in a preview in which the parent is still to be made
 */
export function planPartitionCreate(
  spec: PartitionSpec,
  facts: ParentFacts | undefined,
  answers: Answers,
  candidate?: Candidate,
): Planned {
  const fallback = facts && defaultOutcome(spec, facts, answers);
  const ofTable = candidate && existingOutcome(spec, candidate.member, candidate.live, answers);
  const refusals = [
    ...(facts ? boundRefusals(spec, facts, spec) : []),
    ...(fallback?.refusals ?? []),
    ...(ofTable?.refusals ?? []),
    ...(candidate ? splitRefusals(candidate.live, spec) : []),
  ];
  const overrides = new Overrides(spec);
  // Said for the day on which the partition is removed.
  overrides.allows("allowDataLoss", "rows");
  const unused = overrides.unused(spec);
  const note = parseNote(candidate?.live.comment);
  if (refusals.length > 0) return { plan: [], refusals, warnings: unused.warnings };
  const warnings = [
    ...unused.warnings,
    ...(candidate ? [`the table ${spec.schema}.${spec.name} is there and is attached with its rows`] : []),
  ];
  const owner = candidate?.live.owner ?? spec.owner ?? facts?.owner;
  const comment = spec.comment ?? note?.comment;
  const isCommentSaid = spec.comment !== undefined || note !== undefined;
  const hasOtherOwner = facts !== undefined && owner !== facts.owner;
  const plan = attachSteps(
    { ...membershipOf(spec, facts), role: roleOf(owner, facts) },
    {
      partitionBy: spec.partitionBy,
      storage: spec,
      ...(ofTable && { existing: ofTable.existing }),
      ...fallback?.options,
      after: [
        ...(isCommentSaid ? [commentOn(spec, comment, !candidate)] : []),
        // Made with the connection's own rights, it is handed over in the end.
        ...(!candidate && hasOtherOwner && owner !== undefined ? [handOver(spec, owner)] : []),
      ],
    },
  );
  if (spec.owner === undefined || spec.owner === owner) return { plan, refusals, warnings };
  const hand = { isTransaction: true, statements: [ownerStatement(spec, spec.owner)] };
  return { plan: [...plan, hand], refusals, warnings };
}

/** How a table is partitioned itself is settled when it is made. */
export function splitRefusals(live: PartitionCatalog, wanted: PartitionSpec): readonly Refusal[] {
  const [from, to] = [partitionText(live.partitionBy), partitionText(wanted.partitionBy)];
  if (from === to) return [];
  const table = qualify(live.schema, live.name);
  const other = wanted.partitionBy
    ? `a table of another name that is partitioned by ${to}`
    : "a plain table of another name";
  return [
    {
      path: "partitionBy",
      from,
      to,
      why: "PostgreSQL cannot change how a table that exists is partitioned",
      hint: `Make ${other}, copy the rows (INSERT INTO … SELECT * FROM ${table}), then detach this one and attach that.`,
    },
  ];
}

/** Both sides, named as they are wanted. */
export function membershipOf(spec: PartitionSpec, facts: ParentFacts | undefined): Omit<Membership, "role"> {
  const { schema, name, bound } = spec;
  return {
    parent: { schema: spec.parentSchema ?? schema, name: spec.parent },
    partition: { schema, name },
    ...{ facts, bound },
  };
}

/** Attach and detach need the rights of both owners: the connection's own, where there are two. */
export function roleOf(owner: string | undefined, facts: ParentFacts | undefined): string | undefined {
  return !facts || owner === facts.owner ? owner : undefined;
}

/** Whether the table is the partition that was removed and kept, or one whose attach was cut off. */
export function isKeptPartition(live: PartitionCatalog, spec: PartitionSpec): boolean {
  if (live.attached) return false;
  const note = parseNote(live.comment);
  if (!note) return false;
  const parent: TableName = { schema: spec.parentSchema ?? spec.schema, name: spec.parent };
  return isSameTable(note.parent, parent);
}

function handOver(table: TableName, owner: string): ReturnType<typeof ownerStatement> {
  // Nobody else sees it yet.
  return { ...ownerStatement(table, owner), locks: [], hazards: [] };
}
