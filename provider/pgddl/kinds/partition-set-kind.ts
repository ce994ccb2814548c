import { isSame } from "../../host/values.ts";
import { partitionSetCatalog, type PartitionSetCatalog } from "../catalog.ts";
import { readPartitionSet, readSetFacts } from "../catalogue/partition-sets.ts";
import { parsePartitionSet } from "../check/partition-set-check.ts";
import { formatId } from "../object-id.ts";
import { toProperties } from "../plain-value.ts";
import type { Difference } from "../plan/difference.ts";
import { planSetDrop, setDropQuestions } from "../plan/partition-set-drop-plan.ts";
import type { SetFacts } from "../plan/partition-set-facts.ts";
import { adoptSet, claimNamed } from "../plan/partition-set-import.ts";
import { layoutOf, type Layout } from "../plan/partition-set-layout.ts";
import { isMarked, ownMembers } from "../plan/partition-set-members.ts";
import { planPartitionSet } from "../plan/partition-set-plan.ts";
import { defaultRowQuestions, setQuestions } from "../plan/partition-set-questions.ts";
import { noAnswers, type Answers } from "../plan/question.ts";
import type { PartitionSetSpec } from "../spec.ts";
import type { Kind, Managed, Questions } from "./kind.ts";

export const partitionSetKind: Kind<PartitionSetSpec, PartitionSetCatalog> = {
  type: "PartitionSet",
  noun: "partition set",
  idForm: "schema.table",
  catalog: partitionSetCatalog,
  parse: parsePartitionSet,
  idOf: (spec) => [spec.schema, spec.parent],
  formerIdOf: () => undefined,
  idOfLive: (live) => [live.schema, live.parent],
  oidOf: (live) => live.oid,
  read: async (session, [schema = "", name = ""], oid) => {
    const live = await readPartitionSet(session, schema, name, oid);
    return live && claimNamed(live);
  },
  adopt: adoptSet,
  beyondSpec: () => undefined,
  manage,
  drift: ({ spec }) => spec,
  // A parent without a set's partitions is a set that is still to be made.
  isLeftover: (live, spec) =>
    layoutOf(ownMembers(live, [spec], undefined), spec).leaving.length === 0 && isAllWanted(live, spec),
  planCreate: async (spec, ask, leftover) => {
    const live = leftover ? ownMembers(leftover, [spec], undefined) : inNewDatabase(spec);
    const { plan, refusals, warnings } = await planChange(live, undefined, spec, ask);
    return { plan, refusals, warnings: [...warnings, ...tellOthers(live, spec)] };
  },
  difference: async (live, { spec }, wanted, ask) => planChange(live, spec, wanted, ask),
  planDrop: async (live, spec, ask, before) => {
    const own = ownMembers(live, spec ? [spec] : [], before);
    const facts = await factsOf(
      own,
      own.members.map(({ name }) => name),
      ask,
    );
    if (!facts) return { plan: [], refusals: [], warnings: [] };
    const answers = await ask.answers(setDropQuestions(own, facts), own.owner);
    return planSetDrop(own, spec, facts, answers);
  },
};

function manage(
  live: PartitionSetCatalog,
  specs: readonly PartitionSetSpec[],
  before?: PartitionSetCatalog,
): Managed<PartitionSetCatalog> {
  const own = ownMembers(live, specs, before);
  const spec = specs.at(-1);
  const isTold = spec !== undefined && spec.childPolicy !== "ignore";
  return { live: own, extras: isTold ? othersOf(own) : [] };
}

async function planChange(
  live: PartitionSetCatalog,
  before: PartitionSetSpec | undefined,
  wanted: PartitionSetSpec,
  ask: Questions,
): Promise<Difference> {
  const renamed = renameOf(live, wanted, ask.isPreview === true);
  if (renamed) return renamed;
  const layout = layoutOf(live, wanted);
  // Whether rows that keep a table from being dropped are still there is asked when the program says something new.
  const isNews = !before || !isSame(toProperties(before), toProperties(wanted));
  const isNamed = layout.kept.some(({ member }) =>
    wanted.allowDataLoss?.includes(`partition:${member.name}`),
  );
  const isIdle = isSettled(layout) && !(isNews && layout.kept.length > 0) && !isNamed;
  const facts = isIdle || layout.refusals.length > 0 ? undefined : await factsOf(live, namesIn(layout), ask);
  const answers = facts ? await answersFor(live, wanted, layout, facts, ask) : noAnswers;
  return planPartitionSet({ live, wanted, layout, facts, answers, before });
}

async function answersFor(
  live: PartitionSetCatalog,
  wanted: PartitionSetSpec,
  layout: Layout,
  facts: SetFacts,
  ask: Questions,
): Promise<Answers> {
  const first = await ask.answers(setQuestions(live, wanted, layout, facts), live.owner);
  const more = defaultRowQuestions(live, wanted, layout, facts, first);
  return new Map([...first, ...(await ask.answers(more, live.owner))]);
}

function isSettled({ missing, leaving, pending, kept, renamed }: Layout): boolean {
  const isNoted = kept.every(({ since }) => since !== undefined);
  return isNoted && [missing, leaving, pending, renamed].every((list) => list.length === 0);
}

function namesIn({ missing, leaving, pending, kept }: Layout): readonly string[] {
  return [
    ...missing.map(({ name, kept: table }) => table?.name ?? name),
    ...[...leaving, ...pending, ...kept.map(({ member }) => member)].map(({ name }) => name),
  ];
}

function factsOf(
  live: PartitionSetCatalog,
  names: readonly string[],
  ask: Questions,
): Promise<SetFacts | undefined> {
  const parent = { schema: live.schema, name: live.parent };
  return ask.read((session) => readSetFacts(session, parent, names));
}

/** A set goes where its table goes. In a preview the table may still be on its way. */
function renameOf(
  live: PartitionSetCatalog,
  wanted: PartitionSetSpec,
  isPreview: boolean,
): Difference | undefined {
  if (live.schema === wanted.schema && live.parent === wanted.parent) return undefined;
  const path = live.schema === wanted.schema ? "parent" : "schema";
  const refusal = {
    path,
    from: formatId([live.schema, live.parent]),
    to: formatId([wanted.schema, wanted.parent]),
    why: "a set stays with its table, and that has another name",
    hint: "Rename the Table (renamedFrom) and let the set depend on it, or declare another set for the other table.",
  };
  const changes = [{ path, kind: "update" as const }];
  return { changes, refusals: isPreview ? [] : [refusal], warnings: [], plan: [] };
}

/** Whether what a set has made there is what `spec` would make: an interrupted create, and no other state's set. */
function isAllWanted(live: PartitionSetCatalog, spec: PartitionSetSpec): boolean {
  const marked = live.members.filter((each) => isMarked(live, each) && each.isDetached !== true);
  const without = { ...live, members: [], others: live.others.filter((each) => !isMarked(live, each)) };
  const wanted = new Set(layoutOf(without, spec).missing.map(({ name }) => name));
  return marked.every(({ name }) => wanted.has(name));
}

/** The parent as the set needs it, where it is still to be made. */
function inNewDatabase(spec: PartitionSetSpec): PartitionSetCatalog {
  return {
    oid: "0",
    schema: spec.schema,
    parent: spec.parent,
    owner: spec.owner ?? "",
    keyColumn: "",
    keyType: typeof spec.interval === "number" ? "bigint" : "date",
    members: [],
    others: [],
  };
}

function othersOf({ others }: PartitionSetCatalog): readonly string[] {
  const names = others.map(({ schema, name }) => formatId([schema, name]));
  const most = 10;
  const shown = names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : names;
  return shown.map((name) => `partition ${name}`);
}

function tellOthers(live: PartitionSetCatalog, spec: PartitionSetSpec): readonly string[] {
  if (spec.childPolicy === "ignore" || live.others.length === 0) return [];
  const names = othersOf(live).join(", ");
  return [`${formatId([live.schema, live.parent])} has partitions of others, left alone: ${names}`];
}
