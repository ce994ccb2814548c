import type { PartitionCatalog } from "../catalog.ts";
import type { BoundSpec, PartitionSpec } from "../spec.ts";
import { boundSql } from "./bound.ts";
import { isOverlap } from "./bound-algebra.ts";
import { predicateOf } from "./bound-predicate.ts";
import type { Refusal } from "./difference.ts";
import { defaultOf, type MemberFacts, type ParentFacts } from "./partition-facts.ts";
import { moveByHand, referencingRows } from "./partition-move.ts";
import {
  existsIn,
  existsQuestion,
  isBig,
  offendingIn,
  offendingQuestion,
  sizeIn,
  sizeQuestion,
  tellOffending,
  type Answers,
  type Question,
} from "./question.ts";
import type { AttachOptions, ExistingTable } from "./partition-steps.ts";
import type { TableName } from "./statement.ts";
import { isSameTable } from "./table-locks.ts";

/** The rows inside `bound`, as an SQL condition. */
export function insideOf(bound: BoundSpec, facts: ParentFacts, except?: TableName): string {
  const others = facts.siblings.filter((each) => !except || !isSameTable(each, except));
  return predicateOf(bound, {
    columns: facts.key.map(({ name }) => name),
    parent: facts,
    siblings: others.map((each) => each.bound),
  });
}

/** Whether the bound is of the form that the parent takes. */
export function formRefusals({ bound }: PartitionSpec, facts: ParentFacts): readonly Refusal[] {
  const refuse = refusalOf(bound);
  const form = "in" in bound ? "list" : "modulus" in bound ? "hash" : "from" in bound ? "range" : undefined;
  const parent = `${facts.schema}.${facts.name}`;
  if (form !== undefined && form !== facts.strategy) {
    const forms = { range: "{from, to}", list: "{in}", hash: "{modulus, remainder}" };
    const why = `${parent} is partitioned by ${facts.strategy}`;
    return [refuse(facts.strategy, why, `Give a bound of the form ${forms[facts.strategy]}.`)];
  }
  if (form === undefined && facts.strategy === "hash") {
    const why = "a table that is partitioned by hash has no default partition";
    return [refuse("hash", why, "Give a bound of the form {modulus, remainder}.")];
  }
  if ("from" in bound && bound.from.length !== facts.key.length) {
    const columns = facts.key.map(({ name }) => name).join(", ");
    const why = `the key of ${parent} has ${facts.key.length} columns (${columns}), the bound ${bound.from.length} values`;
    return [refuse(columns, why, "Give from and to one value for each column of the key.")];
  }
  return [];
}

/** Whether the parent takes the bound at all: its form, and what other partitions have. */
export function boundRefusals(spec: PartitionSpec, facts: ParentFacts, self: TableName): readonly Refusal[] {
  const { bound } = spec;
  const ofForm = formRefusals(spec, facts);
  if (ofForm.length > 0) return ofForm;
  const refuse = refusalOf(bound);
  const parent = `${facts.schema}.${facts.name}`;
  return facts.siblings
    .filter((each) => !isSameTable(each, self) && isOverlap(facts.key, each.bound, bound) === true)
    .map((each) =>
      refuse(
        `${each.schema}.${each.name} ${boundSql(each.bound)}`,
        each.isDetachPending
          ? `it overlaps ${each.schema}.${each.name}, whose concurrent detach was cut off and still holds its bound`
          : `it overlaps ${each.schema}.${each.name}`,
        each.isDetachPending
          ? `End the detach: ALTER TABLE ${parent} DETACH PARTITION ${each.schema}.${each.name} FINALIZE.`
          : "Choose bounds that no other partition of the table has.",
      ),
    );
}

function refusalOf(bound: BoundSpec): (from: string, why: string, hint: string) => Refusal {
  return (from, why, hint) => ({ path: "bound", from, to: boundSql(bound), why, hint });
}

const defaultKey = "rows in the default partition";

/** What an attach of `bound` has to know of the default partition. */
export function defaultQuestions(spec: PartitionSpec, facts: ParentFacts): readonly Question[] {
  const fallback = defaultOf(facts);
  if (!fallback || "isDefault" in spec.bound || isSameTable(fallback, spec)) return [];
  const inside = insideOf(spec.bound, facts);
  return [
    offendingQuestion(defaultKey, fallback, facts.primaryKey, inside),
    sizeQuestion(fallback),
    ...facts.referencedBy.map((each) => ({
      key: movedKey(each),
      sql: `SELECT EXISTS (${referencingRows(each, fallback, inside)}) AS "isThere"`,
    })),
  ];
}

/** Rows of the bound in the default partition, and what becomes of them. */
export function defaultOutcome(
  spec: PartitionSpec,
  facts: ParentFacts,
  answers: Answers,
): { readonly refusals: readonly Refusal[]; readonly options: AttachOptions } {
  const fallback = defaultOf(facts);
  if (!fallback || "isDefault" in spec.bound || isSameTable(fallback, spec))
    return { refusals: [], options: {} };
  const found = offendingIn(answers, defaultKey);
  const defaultSize = sizeIn(answers, fallback);
  const size = defaultSize ? { defaultSize } : {};
  if (found?.count === 0) return { refusals: [], options: size };
  const name = `${fallback.schema}.${fallback.name}`;
  const refuse = (why: string, hint: string): Refusal => ({
    path: spec.moveFromDefault === true ? "moveFromDefault" : "bound",
    from: found ? tellOffending(found) : "rows that could not be looked for",
    to: boundSql(spec.bound),
    ...{ why, hint },
  });
  if (spec.moveFromDefault !== true) {
    // Unanswered, the attach itself finds the rows and fails.
    if (!found) return { refusals: [], options: size };
    const why = `rows of this bound sit in the default partition ${name}`;
    return {
      refusals: [refuse(why, "Give the partition moveFromDefault: true, or delete those rows.")],
      options: {},
    };
  }
  const referencing = facts.referencedBy.filter((each) => existsIn(answers, movedKey(each)));
  const refusals = referencing.map((each) =>
    refuse(
      `${each.schema}.${each.name} references rows of this bound in ${name} (${each.constraint}), and no row that is referenced can be moved`,
      moveByHand(each),
    ),
  );
  return { refusals, options: { ...size, isFilledFromDefault: true } };
}

function movedKey(each: TableName & { readonly constraint: string }): string {
  return `references into the default partition by ${each.schema}.${each.name} ${each.constraint}`;
}

const outsideKey = "rows outside the bound";

/** What an attach of an existing table has to know of it. */
export function existingQuestions(
  spec: PartitionSpec,
  facts: ParentFacts,
  live: PartitionCatalog,
): readonly Question[] {
  const outside = `NOT (${insideOf(spec.bound, facts, live)})`;
  return [offendingQuestion(outsideKey, live, facts.primaryKey, outside), sizeQuestion(live)];
}

/** Whether the existing table can be attached: its columns, and its rows. */
export function existingOutcome(
  spec: PartitionSpec,
  member: MemberFacts,
  live: PartitionCatalog,
  answers: Answers,
): { readonly refusals: readonly Refusal[]; readonly existing: ExistingTable } {
  const name = `${live.schema}.${live.name}`;
  const refusals: Refusal[] = [];
  if (member.misfits.length > 0) {
    refusals.push({
      path: "parent",
      from: name,
      to: `${spec.parentSchema ?? spec.schema}.${spec.parent}`,
      why: `the table ${member.misfits.join("; ")}`,
      hint: "Change the table until its columns are those of the parent, or choose another name for the partition.",
    });
  }
  const found = offendingIn(answers, outsideKey);
  if (found && found.count > 0) {
    refusals.push({
      path: "bound",
      from: tellOffending(found),
      to: boundSql(spec.bound),
      why: `rows of ${name} lie outside the bound`,
      hint: "Give a bound that holds them, or move or delete those rows first.",
    });
  }
  const size = sizeIn(answers, live);
  return { refusals, existing: { ...member, isBig: isBig(answers, live), ...(size && { size }) } };
}

/** What a detach has to know: PostgreSQL refuses it while rows of the partition are referenced. */
export function detachQuestions(facts: ParentFacts, live: TableName): readonly Question[] {
  return facts.referencedBy.map((each) => ({
    ...existsQuestion(detachedKey(each), live, "true"),
    sql: `SELECT EXISTS (${referencingRows(each, live, "true")}) AS "isThere"`,
  }));
}

/** Unanswered, the detach itself finds the references and fails. */
export function detachRefusals(
  path: string,
  facts: ParentFacts,
  live: TableName,
  answers: Answers,
): readonly Refusal[] {
  return facts.referencedBy
    .filter((each) => answers.has(detachedKey(each)) && existsIn(answers, detachedKey(each)))
    .map((each) => ({
      path,
      from: `${live.schema}.${live.name}`,
      to: "detached",
      why: `rows of ${each.schema}.${each.name} reference rows of the partition (${each.constraint})`,
      hint: `Delete or change those rows of ${each.schema}.${each.name} first.`,
    }));
}

function detachedKey(each: TableName & { readonly constraint: string }): string {
  return `references by ${each.schema}.${each.name} ${each.constraint}`;
}
