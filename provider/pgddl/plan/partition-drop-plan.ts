import { qualify } from "../../../lib/identifier.ts";
import type { PartitionCatalog } from "../catalog.ts";
import type { PartitionSpec } from "../spec.ts";
import { boundSql } from "./bound.ts";
import type { Difference } from "./difference.ts";
import { Overrides } from "./overrides.ts";
import type { MemberFacts, ParentFacts } from "./partition-facts.ts";
import { detachQuestions, detachRefusals } from "./partition-fit.ts";
import { parseNote, renderNote } from "./partition-note.ts";
import { roleOf } from "./partition-plan.ts";
import { detachStatement, detachSteps, type Membership } from "./partition-steps.ts";
import { hasRows, rowsQuestion, type Answers, type Question } from "./question.ts";
import { briefly, quickly, type Plan, type Statement, type TableName } from "./statement.ts";
import { lockAndLook } from "./table-drop-plan.ts";
import { lock, strongest } from "./table-locks.ts";
import { commentOn } from "./table-options-plan.ts";

type Planned = Pick<Difference, "plan" | "refusals" | "warnings">;

export function dropQuestions(live: PartitionCatalog, facts: ParentFacts | undefined): readonly Question[] {
  return [rowsQuestion(live), ...(live.attached && facts ? detachQuestions(facts, live) : [])];
}

/**
 * An empty partition is dropped, and one whose rows the program has given up. Any other one is detached and kept,
 * and says in its comment where it came from.
 * @param spec the last wanted one; undefined when the state's cannot be read
 */
export function planPartitionDrop(
  live: PartitionCatalog,
  spec: PartitionSpec | undefined,
  facts: ParentFacts | undefined,
  member: MemberFacts,
  answers: Answers,
): Planned {
  const name = `${live.schema}.${live.name}`;
  const isEmpty = !hasRows(answers, live);
  const isGivenUp = new Overrides(spec ?? {}).allows("allowDataLoss", "rows");
  const refusals = live.attached && facts ? detachRefusals("bound", facts, live, answers) : [];
  if (refusals.length > 0) return { plan: [], refusals, warnings: [] };
  if (isEmpty || isGivenUp) {
    return { plan: dropNow(live, facts, member, isGivenUp && !isEmpty), refusals: [], warnings: [] };
  }
  if (!live.attached) {
    const warning = `${name} holds rows and is kept, detached as it is; DROP TABLE ${qualify(live.schema, live.name)} ends it`;
    return { plan: keepDetached(live, spec), refusals: [], warnings: [warning] };
  }
  const { parent, parentSchema, bound, isDetachPending } = live.attached;
  const above = { schema: parentSchema, name: parent };
  const note = renderNote({ parent: above, bound, comment: live.comment });
  const plan = detachSteps(membershipOfLive(live, facts), member, {
    isDetachPending,
    after: [commentOn(live, note)],
  });
  const table = qualify(live.schema, live.name);
  const attach = `ALTER TABLE ${qualify(parentSchema, parent)} ATTACH PARTITION ${table} ${boundSql(bound)}`;
  const warning = `${name} holds rows: it is detached and kept as a table of its own. Declared again, or by ${attach}, it is attached again; DROP TABLE ${table} ends it`;
  return { plan, refusals: [], warnings: [warning] };
}

/** @param isWithRows whether its rows may go with it */
function dropNow(
  live: PartitionCatalog,
  facts: ParentFacts | undefined,
  member: MemberFacts,
  isWithRows: boolean,
): Plan {
  const { attached } = live;
  const parent = attached && { schema: attached.parentSchema, name: attached.parent };
  const membership = membershipOfLive(live, facts);
  // The last look is at rows; without it only partitions below are looked for.
  const looks = isWithRows ? lockAndLook(live).slice(0, -1) : lockAndLook(live);
  const statements: readonly Statement[] = [
    // The parent first, as DETACH would: taken the other way round, two sessions could wait for each other.
    ...(parent
      ? [briefly(`LOCK TABLE ONLY ${qualify(parent.schema, parent.name)} IN ACCESS EXCLUSIVE MODE`, parent)]
      : []),
    ...looks,
    ...(attached
      ? [detachStatement(membership, member, attached.isDetachPending ? "FINALIZE" : undefined)]
      : []),
    quickly(`DROP TABLE ${qualify(live.schema, live.name)} RESTRICT`, {
      locks: strongest([
        lock("ACCESS EXCLUSIVE", live),
        ...linkedTo(facts, member).map((table) => lock("ACCESS EXCLUSIVE", table, true)),
      ]),
      hazards: isWithRows ? ["drops an object", "deletes data"] : ["drops an object"],
    }),
  ];
  return [{ isTransaction: true, ...withRole(membership.role), statements }];
}

/** Its foreign keys go with it, and their triggers on the other side. */
function linkedTo(facts: ParentFacts | undefined, member: MemberFacts): readonly TableName[] {
  return facts?.references ?? member.references;
}

/** A detach that was cut off before its note, or one by somebody else. */
function keepDetached(live: PartitionCatalog, spec: PartitionSpec | undefined): Plan {
  if (!spec || parseNote(live.comment)) return [];
  const parent = { schema: spec.parentSchema ?? spec.schema, name: spec.parent };
  const note = renderNote({ parent, bound: spec.bound, comment: live.comment });
  return [{ isTransaction: true, role: live.owner, statements: [commentOn(live, note)] }];
}

function membershipOfLive(live: PartitionCatalog, facts: ParentFacts | undefined): Membership {
  const { attached, schema, name, owner } = live;
  return {
    parent: { schema: attached?.parentSchema ?? schema, name: attached?.parent ?? "" },
    partition: { schema, name },
    facts,
    bound: attached?.bound ?? { isDefault: true },
    role: roleOf(owner, facts),
  };
}

function withRole(role: string | undefined): { readonly role?: string } {
  return role === undefined ? {} : { role };
}
