import { formatId } from "../object-id.ts";
import type { MemberCatalog, PartitionSetCatalog } from "../catalog.ts";
import type { PartitionSetSpec } from "../spec.ts";
import type { Change, Difference, Refusal } from "./difference.ts";
import { Overrides } from "./overrides.ts";
import { newMember } from "./partition-facts.ts";
import { detachRefusals } from "./partition-fit.ts";
import { planPartitionCreate, roleOf } from "./partition-plan.ts";
import type { SetFacts } from "./partition-set-facts.ts";
import { partitionPath, type Kept, type Layout, type Missing } from "./partition-set-layout.ts";
import { parseAnyMark, renderMark } from "./partition-set-mark.ts";
import { answersOf, candidateOf, hasRowsInDefault, partitionSpec } from "./partition-set-questions.ts";
import { dropStep, together } from "./partition-set-steps.ts";
import { detachSteps } from "./partition-steps.ts";
import { hasRows, type Answers } from "./question.ts";
import type { Plan, Step } from "./statement.ts";
import { commentOn, ownerStatement } from "./table-options-plan.ts";

/** What the plan of a set follows from. */
export interface SetChange {
  readonly live: PartitionSetCatalog;
  readonly wanted: PartitionSetSpec;
  readonly layout: Layout;
  /** Undefined where nothing is to be done, and in a preview in which the parent is still to be made. */
  readonly facts: SetFacts | undefined;
  readonly answers: Answers;
  /** The last wanted one, whose permissions are no news. */
  readonly before: PartitionSetSpec | undefined;
}

/**
 * First what is missing, so that rows find their place as soon as can be; then what is past its retention, then
 * what is past its grace.
 */
export function planPartitionSet(change: SetChange): Difference {
  const { live, wanted, layout, before } = change;
  const overrides = new Overrides(wanted);
  const parts = [
    finalizePart(change),
    missingPart(change),
    leavingPart(change, overrides),
    keptPart(change, overrides),
    markPart(change),
    ownerPart(live, wanted),
  ];
  const unused = overrides.unused(before);
  const refusals = [...layout.refusals, ...parts.flatMap((part) => part.refusals), ...unused.refusals];
  return {
    changes: parts.flatMap((part) => part.changes),
    refusals,
    warnings: [...parts.flatMap((part) => part.warnings), ...unused.warnings],
    plan: refusals.length > 0 ? [] : together(parts.flatMap((part) => part.plan)),
  };
}

const nothing: Difference = { changes: [], refusals: [], warnings: [], plan: [] };

function joined(parts: readonly Difference[]): Difference {
  return {
    changes: parts.flatMap((part) => part.changes),
    refusals: parts.flatMap((part) => part.refusals),
    warnings: parts.flatMap((part) => part.warnings),
    plan: parts.flatMap((part) => part.plan),
  };
}

/** Ends every concurrent detach that was cut off; PostgreSQL takes no other one before that. */
function finalizePart({ live, wanted, layout, facts }: SetChange): Difference {
  const stays = new Set(layout.missing.map(({ kept }) => kept));
  return joined(
    layout.pending.map((each) => {
      const mark = stays.has(each) ? [] : [markStatement(live, each, wanted.asOf)];
      const plan = detachSteps(membershipOf(live, each, facts), memberOf(each, facts), {
        isDetachPending: true,
        after: mark,
      });
      return { ...nothing, changes: [changeOf(each.name, "update")], plan };
    }),
  );
}

function missingPart(change: SetChange): Difference {
  const { live, wanted, layout, facts, answers } = change;
  const isInWay = hasRowsInDefault(facts, answers);
  return joined(
    layout.missing.map((each) => {
      const spec = partitionSpec(live, wanted, each);
      const candidate = candidateOf(live, each, facts);
      const changes = [changeOf(each.name, "add")];
      if (!candidate && isTaken(each, facts)) return { ...nothing, changes, refusals: [taken(live, each)] };
      const { moveFromDefault, ...rest } = spec;
      const isMoved = moveFromDefault === true && isInWay;
      const planned = planPartitionCreate(
        isMoved ? { ...rest, moveFromDefault } : rest,
        // The catalogue's bounds were compared already, and a cut-off detach is ended before.
        facts && { ...facts.parent, siblings: facts.parent.siblings.filter((one) => isKeptIn(one.bound)) },
        answersOf(each.name, answers),
        candidate,
      );
      const refusals = planned.refusals.map((refusal) => ({
        ...refusal,
        path: partitionPath(each.name),
        ...(candidate &&
          refusal.path === "bound" && {
            hint: "Move or delete those rows first, or keep the table detached.",
          }),
      }));
      return { changes, refusals, warnings: lossOf(live, each, candidate !== undefined), plan: planned.plan };
    }),
  );
}

/** Of the siblings only the default partition says something about an attach. */
function isKeptIn(bound: MemberCatalog["bound"]): boolean {
  return "isDefault" in bound;
}

function lossOf(
  live: PartitionSetCatalog,
  { name, kept, lost }: Missing,
  isBack: boolean,
): readonly string[] {
  if (kept) return [`${formatId([kept.schema, kept.name])} is attached again, with its rows`];
  if (!lost) return [];
  const was = formatId([lost.schema, lost.name]);
  if (isBack) return [`${was} was detached by somebody else; it is attached again, with its rows`];
  return [
    `${was} was dropped by somebody else: ${formatId([live.schema, name])} is made anew and EMPTY, the rows are gone`,
  ];
}

function isTaken({ name }: Missing, facts: SetFacts | undefined): boolean {
  return facts !== undefined && (facts.tables.has(name) || facts.taken.includes(name));
}

function taken(live: PartitionSetCatalog, { name }: Missing): Refusal {
  const id = formatId([live.schema, name]);
  return {
    path: partitionPath(name),
    from: `${id}, which is no partition of this interval`,
    to: "a partition of that name",
    why: "the name is taken by a table, view or other relation that the set did not make",
    hint: `Rename it (ALTER TABLE … RENAME), or give the set another prefix.`,
  };
}

function leavingPart({ live, wanted, layout, facts, answers }: SetChange, overrides: Overrides): Difference {
  return joined(
    layout.leaving.map((each) => {
      const changes = [changeOf(each.name, "delete")];
      const isGivenUp = overrides.allows("allowDataLoss", `partition:${each.name}`);
      const inTheWay = facts
        ? detachRefusals(partitionPath(each.name), facts.parent, each, answersOf(each.name, answers))
        : [];
      // A window that stands still for an old partition would soon have no room for new rows.
      if (inTheWay.length > 0) return { ...nothing, warnings: inTheWay.map((each) => stayOf(each)) };
      const member = memberOf(each, facts);
      const detach = detachSteps(membershipOf(live, each, facts), member, {
        after: [markStatement(live, each, wanted.asOf)],
      });
      const drop = isGivenUp ? [dropStep(each, member, facts, hasRows(answers, each))] : [];
      return { ...nothing, changes, plan: [...detach, ...drop] };
    }),
  );
}

function stayOf({ path, why, hint }: Refusal): string {
  return `${path} is past its retention and stays attached: ${why}. ${hint} Or give the set a longer retention.`;
}

function keptPart({ live, wanted, layout, facts, answers }: SetChange, overrides: Overrides): Difference {
  const late: Kept[] = [];
  const parts = layout.kept.map((each): Difference => {
    const { member, since, isPastGrace } = each;
    if (member.isDetached !== true) return nothing;
    const isGivenUp = overrides.allows("allowDataLoss", `partition:${member.name}`);
    const isFull = hasRows(answers, member);
    if (isGivenUp || (isPastGrace && !isFull)) {
      const plan = [dropStep(member, memberOf(member, facts), facts, isGivenUp && isFull)];
      return { ...nothing, changes: [changeOf(member.name, "delete")], plan };
    }
    if (isPastGrace) late.push(each);
    if (since !== undefined) return nothing;
    return {
      ...nothing,
      changes: [changeOf(member.name, "update")],
      plan: [step(member.owner, [markStatement(live, member, wanted.asOf)])],
    };
  });
  if (late.length === 0) return joined(parts);
  const names = late.map(({ member, since }) => `${member.name} (detached ${since ?? "?"})`);
  const warning = `past their grace and kept, for they hold rows: ${names.join(", ")}. ${Overrides.hint("allowDataLoss", `partition:${late[0]?.member.name ?? ""}`)} drops one`;
  return joined([...parts, { ...nothing, warnings: [warning] }]);
}

/** Marks follow a new name of the parent, or nobody would find what is detached. */
function markPart({ live, layout }: SetChange): Difference {
  return joined(
    layout.renamed.map((each) => {
      const since = parseAnyMark(each.comment)?.detachedOn;
      const plan = [step(each.owner, [markStatement(live, each, since)])];
      return { ...nothing, changes: [changeOf(each.name, "update")], plan };
    }),
  );
}

function ownerPart(live: PartitionSetCatalog, { owner }: PartitionSetSpec): Difference {
  const others = live.members.filter((each) => each.isMissing !== true && each.owner !== owner);
  if (owner === undefined || others.length === 0) return nothing;
  const plan: Plan = others.map((each) => ({
    isTransaction: true,
    statements: [ownerStatement(each, owner)],
  }));
  return { ...nothing, changes: [{ path: "owner", kind: "update" }], plan };
}

function markStatement(
  live: PartitionSetCatalog,
  each: MemberCatalog,
  detachedOn: string | undefined,
): ReturnType<typeof commentOn> {
  const parent = { schema: live.schema, name: live.parent };
  const before = parseAnyMark(each.comment);
  const rest = before ? before.rest : each.comment;
  const mark = {
    bound: each.bound,
    ...(detachedOn !== undefined && { detachedOn }),
    ...(rest !== undefined && { rest }),
  };
  return commentOn(each, renderMark(parent, mark));
}

function membershipOf(
  live: PartitionSetCatalog,
  { schema, name, bound, owner }: MemberCatalog,
  facts: SetFacts | undefined,
): Parameters<typeof detachSteps>[0] {
  return {
    parent: { schema: live.schema, name: live.parent },
    partition: { schema, name },
    bound,
    facts: facts?.parent,
    role: roleOf(owner, facts?.parent),
  };
}

function memberOf(each: MemberCatalog, facts: SetFacts | undefined): typeof newMember {
  return facts?.tables.get(each.name)?.member ?? newMember;
}

function changeOf(name: string, kind: Change["kind"]): Change {
  return { path: partitionPath(name), kind };
}

function step(role: string, statements: Step["statements"]): Step {
  return { isTransaction: true, role, statements };
}
