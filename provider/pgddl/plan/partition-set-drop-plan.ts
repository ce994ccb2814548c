import type { MemberCatalog, PartitionSetCatalog } from "../catalog.ts";
import type { PartitionSetSpec, PartitionSpec } from "../spec.ts";
import type { Difference } from "./difference.ts";
import { dropQuestions, planPartitionDrop } from "./partition-drop-plan.ts";
import type { SetFacts } from "./partition-set-facts.ts";
import { partitionPath } from "./partition-set-layout.ts";
import { parseAnyMark } from "./partition-set-mark.ts";
import { answersOf, scoped } from "./partition-set-questions.ts";
import type { Answers, Question } from "./question.ts";

/** What the removal of a set has to know of its own partitions. */
export function setDropQuestions(live: PartitionSetCatalog, facts: SetFacts): readonly Question[] {
  return present(live).flatMap((each) => {
    const table = facts.tables.get(each.name);
    return table ? scoped(each.name, dropQuestions(table.live, facts.parent)) : [];
  });
}

/**
 * Takes leave of each partition of the set as if it were a Partition that is removed: dropped when it is empty or
 * its rows are given up, else detached and kept. Others stay attached.
 * @param spec the last wanted one; undefined when the state's cannot be read
 */
export function planSetDrop(
  live: PartitionSetCatalog,
  spec: PartitionSetSpec | undefined,
  facts: SetFacts,
  answers: Answers,
): Pick<Difference, "plan" | "refusals" | "warnings"> {
  const parts = present(live).flatMap((each) => {
    const table = facts.tables.get(each.name);
    if (!table) return [];
    const { comment, ...rest } = table.live;
    const own = parseAnyMark(comment);
    const before = own ? own.rest : comment;
    const isGivenUp = spec?.allowDataLoss?.includes(`partition:${each.name}`) === true;
    const planned = planPartitionDrop(
      // The set's mark goes with the set; what is kept then says where it came from as any removed partition does.
      { ...rest, ...(before !== undefined && { comment: before }) },
      asPartition(live, each, isGivenUp),
      facts.parent,
      table.member,
      answersOf(each.name, answers),
    );
    const refusals = planned.refusals.map((refusal) => ({ ...refusal, path: partitionPath(each.name) }));
    return [{ ...planned, refusals }];
  });
  const refusals = parts.flatMap((part) => part.refusals);
  return {
    plan: refusals.length > 0 ? [] : parts.flatMap((part) => part.plan),
    refusals,
    warnings: parts.flatMap((part) => part.warnings),
  };
}

function present(live: PartitionSetCatalog): readonly MemberCatalog[] {
  return live.members.filter((each) => each.isMissing !== true && each.schema === live.schema);
}

function asPartition(live: PartitionSetCatalog, each: MemberCatalog, isGivenUp: boolean): PartitionSpec {
  return {
    schema: each.schema,
    name: each.name,
    parent: live.parent,
    parentSchema: live.schema,
    bound: each.bound,
    ...(isGivenUp && { allowDataLoss: ["rows"] }),
  };
}
