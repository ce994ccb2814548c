import type { PartitionSetCatalog } from "../catalog.ts";
import type { PartitionSetSpec, PartitionSpec } from "../spec.ts";
import { defaultOf } from "./partition-facts.ts";
import { defaultQuestions, detachQuestions, existingQuestions, insideOf } from "./partition-fit.ts";
import { isKeptPartition } from "./partition-plan.ts";
import type { SetFacts, SetTable } from "./partition-set-facts.ts";
import type { Layout, Missing } from "./partition-set-layout.ts";
import { parseAnyMark, renderMark } from "./partition-set-mark.ts";
import {
  existsIn,
  existsQuestion,
  rowsQuestion,
  sizeQuestion,
  type Answers,
  type Question,
} from "./question.ts";

const anyInDefault = "rows of any interval in the default partition";

/** What the plan of a layout depends on; nothing where nothing is to be done. */
export function setQuestions(
  live: PartitionSetCatalog,
  wanted: PartitionSetSpec,
  layout: Layout,
  facts: SetFacts,
): readonly Question[] {
  const fallback = defaultOf(facts.parent);
  const { missing, leaving, pending, kept } = layout;
  const inside = missing.map(({ bound }) => `(${insideOf(bound, facts.parent)})`);
  const known = new Map(missing.map((each) => [each, candidateOf(live, each, facts)]));
  return [
    ...(fallback && inside.length > 0
      ? [existsQuestion(anyInDefault, fallback, inside.join(" OR ")), sizeQuestion(fallback)]
      : []),
    ...missing.flatMap((each) => {
      const candidate = known.get(each);
      if (!candidate) return [];
      const spec = partitionSpec(live, wanted, each);
      return scoped(each.name, existingQuestions(spec, facts.parent, candidate.live));
    }),
    ...[...leaving, ...pending].flatMap((each) => scoped(each.name, detachQuestions(facts.parent, each))),
    ...[...leaving, ...kept.flatMap(({ member }) => (member.isDetached === true ? [member] : []))].map(
      rowsQuestion,
    ),
  ];
}

/** Where rows of the default partition are in the way, what of each interval. They take a second round. */
export function defaultRowQuestions(
  live: PartitionSetCatalog,
  wanted: PartitionSetSpec,
  layout: Layout,
  facts: SetFacts,
  answers: Answers,
): readonly Question[] {
  if (!hasRowsInDefault(facts, answers)) return [];
  return layout.missing.flatMap((each) =>
    scoped(each.name, defaultQuestions(partitionSpec(live, wanted, each), facts.parent)),
  );
}

/** Whether the default partition has rows of any wanted interval; without an answer it has. */
export function hasRowsInDefault(facts: SetFacts | undefined, answers: Answers): boolean {
  return facts !== undefined && defaultOf(facts.parent) !== undefined && existsIn(answers, anyInDefault);
}

/** The answers to the questions of one partition, and to those that are nobody's in particular. */
export function answersOf(name: string, answers: Answers): Answers {
  const prefix = scope(name);
  return new Map(
    [...answers].map(([key, rows]) => [key.startsWith(prefix) ? key.slice(prefix.length) : key, rows]),
  );
}

/** Questions about one partition. */
export function scoped(name: string, questions: readonly Question[]): readonly Question[] {
  return questions.map((each) => ({ ...each, key: scope(name) + each.key }));
}

function scope(name: string): string {
  return `${name}: `;
}

/** The table that is attached again for an interval: what the set itself, or a Partition of this table, has detached. */
export function candidateOf(
  live: PartitionSetCatalog,
  { name, bound, kept, lost }: Missing,
  facts: SetFacts | undefined,
): SetTable | undefined {
  const table = facts?.tables.get(kept?.name ?? name);
  if (!table || kept) return table;
  const isOurs =
    table.live.oid === lost?.oid ||
    isKeptPartition(table.live, { ...{ schema: live.schema, name, bound }, parent: live.parent });
  return isOurs && !table.live.attached ? table : undefined;
}

/** The partition of an interval as a resource of its own would say it. */
export function partitionSpec(
  live: PartitionSetCatalog,
  wanted: PartitionSetSpec,
  { name, bound, kept }: Missing,
): PartitionSpec {
  const parent = { schema: live.schema, name: live.parent };
  const rest = parseAnyMark(kept?.comment)?.rest;
  return {
    schema: kept?.schema ?? live.schema,
    name: kept?.name ?? name,
    parent: live.parent,
    parentSchema: live.schema,
    ...(wanted.owner !== undefined && { owner: wanted.owner }),
    bound,
    comment: renderMark(parent, { bound, ...(rest !== undefined && { rest }) }),
    ...(wanted.moveFromDefault === true && { moveFromDefault: true }),
  };
}
