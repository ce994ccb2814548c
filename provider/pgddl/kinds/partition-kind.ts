import { UserError } from "../../../lib/errors.ts";
import { isSame } from "../../host/values.ts";
import { partitionCatalog, type PartitionCatalog } from "../catalog.ts";
import { readMember, readParent, readPartition, readSiblings } from "../catalogue/partitions.ts";
import { parsePartition } from "../check/partition-check.ts";
import { formatId } from "../object-id.ts";
import { toProperties } from "../plain-value.ts";
import { mapBound } from "../plan/bound.ts";
import type { KeyColumn } from "../plan/bound-values.ts";
import {
  changeQuestions,
  isBoundKept,
  isToBeAttached,
  planPartitionChange,
} from "../plan/partition-change-plan.ts";
import { formRefusals } from "../plan/partition-fit.ts";
import { dropQuestions, planPartitionDrop } from "../plan/partition-drop-plan.ts";
import { newMember, type ParentFacts } from "../plan/partition-facts.ts";
import { createQuestions, isKeptPartition, planPartitionCreate, roleOf } from "../plan/partition-plan.ts";
import type { Difference } from "../plan/difference.ts";
import type { Session } from "../server/database.ts";
import type { BoundSpec, PartitionSpec } from "../spec.ts";
import { adoptPartition, driftOfPartition, managePartition } from "./partition-catalog.ts";
import type { Kind, Planned, Questions, Recorded } from "./kind.ts";

export const partitionKind: Kind<PartitionSpec, PartitionCatalog> = {
  type: "Partition",
  noun: "partition",
  idForm: "schema.partition",
  catalog: partitionCatalog,
  parse: parsePartition,
  idOf: (spec) => [spec.schema, spec.name],
  formerIdOf: ({ schema, renamedFrom }) => (renamedFrom === undefined ? undefined : [schema, renamedFrom]),
  idOfLive: (live) => [live.schema, live.name],
  oidOf: (live) => live.oid,
  read: (session, [schema = "", name = ""], oid) => readPartition(session, schema, name, oid),
  tables: [
    {
      path: "parent",
      live: ({ attached }) => attached && { schema: attached.parentSchema, name: attached.parent },
      wanted: ({ schema, parentSchema, parent }) => ({ schema: parentSchema ?? schema, name: parent }),
      renamed: (live, parent) => (live.attached ? { ...live, attached: { ...live.attached, parent } } : live),
    },
  ],
  group: {
    of: ({ attached }) => attached && formatId([attached.parentSchema, attached.parent]),
    read: readSiblings,
  },
  adopt: adoptPartition,
  beyondSpec: (live) =>
    live.partitionBy?.isBeyondSpec === true ? "a partition key with an expression" : undefined,
  manage: managePartition,
  drift: driftOfPartition,
  isLeftover: (live, spec) => !live.attached && (spec.adopt === true || isKeptPartition(live, spec)),
  planCreate,
  difference: differenceOf,
  planDrop: async (live, spec, ask) => {
    const above = live.attached ?? (spec && { parentSchema: spec.parentSchema ?? spec.schema, ...spec });
    const facts =
      above && (await ask.read((session) => readParent(session, above.parentSchema, above.parent)));
    const member = facts && (await ask.read((session) => readMember(session, live, facts)));
    const around = live.attached ? facts : undefined;
    const answers = await ask.answers(dropQuestions(live, around), roleOf(live.owner, around));
    return planPartitionDrop(live, spec, around, member ?? newMember, answers);
  },
};

async function planCreate(
  spec: PartitionSpec,
  ask: Questions,
  leftover: PartitionCatalog | undefined,
): Promise<Planned> {
  const facts = await readFacts(spec, ask);
  const wanted = facts ? await inServerWords(spec, facts, ask) : spec;
  const member = leftover && facts && (await ask.read((session) => readMember(session, leftover, facts)));
  const candidate = leftover && { live: leftover, member: member ?? newMember };
  const questions = createQuestions(wanted, facts, candidate);
  const owner = leftover?.owner ?? spec.owner ?? facts?.owner;
  return planPartitionCreate(wanted, facts, await ask.answers(questions, roleOf(owner, facts)), candidate);
}

async function differenceOf(
  live: PartitionCatalog,
  recorded: Recorded<PartitionSpec, PartitionCatalog>,
  wanted: PartitionSpec,
  ask: Questions,
): Promise<Difference> {
  const before = recorded.catalog.attached?.bound;
  const isSaidBefore = isSame(toProperties(recorded.spec.bound), toProperties(wanted.bound));
  const spelt = isSaidBefore && before ? { ...wanted, bound: before } : wanted;
  const isSettled = !isToBeAttached(live, spelt);
  if (isSettled) {
    const change = { live, wanted: spelt, recorded, around: undefined };
    return planPartitionChange(change, await ask.answers(changeQuestions(change), live.owner));
  }
  const facts = await readFacts(wanted, ask);
  const said = facts ? await inServerWords(wanted, facts, ask) : wanted;
  const settled =
    live.attached && isBoundKept(live, said, facts) ? { ...said, bound: live.attached.bound } : said;
  const member = facts && (await ask.read((session) => readMember(session, live, facts)));
  const around = facts && { facts, member: member ?? newMember };
  const change = { live, wanted: settled, recorded, around };
  const questions = changeQuestions(change);
  return planPartitionChange(change, await ask.answers(questions, roleOf(live.owner, facts)));
}

function readFacts(spec: PartitionSpec, ask: Questions): Promise<ParentFacts | undefined> {
  return ask.read((session) => readParent(session, spec.parentSchema ?? spec.schema, spec.parent));
}

/** The bound as the server prints it, which it does in the type of each key column. */
async function inServerWords(
  spec: PartitionSpec,
  facts: ParentFacts,
  ask: Questions,
): Promise<PartitionSpec> {
  // A bound of the wrong form has no words; the plan refuses it.
  if (formRefusals(spec, facts).length > 0) return spec;
  const bound = await ask
    .read((session) => boundWords(session, spec.bound, facts.key))
    .catch((error: unknown) => {
      if (!(error instanceof UserError && error.code === "sql")) throw error;
      const key = facts.key.map(({ name, type }) => `${name} ${type}`).join(", ");
      const message = `partition ${spec.schema}.${spec.name}: bound holds what is no value of its column: ${error.message}`;
      throw new UserError("refused", message, `The key of ${facts.schema}.${facts.name} is ${key}.`);
    });
  return bound ? { ...spec, bound } : spec;
}

async function boundWords(
  session: Session,
  bound: BoundSpec,
  key: readonly KeyColumn[],
): Promise<BoundSpec | undefined> {
  const values: { text: string; type: string }[] = [];
  mapBound(bound, (text, column) => {
    values.push({ text, type: key[column]?.type ?? "text" });
    return text;
  });
  if (values.length === 0) return bound;
  // The types are format_type's own words, so they need no quotes.
  const casts = values.map(({ type }, at) => `$${at + 1}::text::${type}::text`);
  const [row] = await session.query<{ printed: string[] }>(
    `SELECT json_build_array(${casts.join(", ")}) AS printed`,
    values.map(({ text }) => text),
  );
  const printed = [...(row?.printed ?? [])];
  return mapBound(bound, (text) => printed.shift() ?? text);
}
