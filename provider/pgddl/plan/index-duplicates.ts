import { qualify } from "../../../lib/identifier.ts";
import type { IndexSpec } from "../spec.ts";
import type { Refusal } from "./difference.ts";
import type { IndexedTable } from "./index-facts.ts";
import { keyExpression } from "./index-sql.ts";
import { offendingIn, type Answers, type Question } from "./question.ts";

const key = "duplicates";
const mostCounted = 1000;

/** Values that a unique index would refuse. Answered with a count up to 1000 and the first ten of them. */
export function duplicatesQuestion(spec: IndexSpec): Question {
  const keys = spec.columns.map(keyExpression);
  const conditions = [
    ...(spec.where === undefined ? [] : [`(${spec.where})`]),
    ...(spec.nullsNotDistinct === true ? [] : keys.map((each) => `${each} IS NOT NULL`)),
  ];
  const groups = `
    FROM ${qualify(spec.schema, spec.table)}
    ${conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : ""}
    GROUP BY ${keys.join(", ")} HAVING count(*) > 1`;
  return {
    key,
    sql: `
      SELECT (SELECT count(*)::int FROM (SELECT 1 ${groups} LIMIT ${mostCounted}) AS g) AS count,
             (SELECT coalesce(json_agg(k), '[]')
                FROM (SELECT json_build_array(${keys.join(", ")})::text AS k ${groups} LIMIT 10) AS g) AS keys`,
  };
}

/** Why a unique index cannot be built. Without an answer it is left to the build, which then fails and leaves no harm. */
export function uniqueRefusals(
  spec: IndexSpec,
  table: IndexedTable | undefined,
  answers: Answers,
): readonly Refusal[] {
  if (spec.unique !== true || !table) return [];
  const names = spec.columns.map((each) => (typeof each === "string" ? each : (each.name ?? "")));
  const levels = [table.partitionKey, ...table.below.map(({ partitionKey }) => partitionKey)];
  const missing = [...new Set(levels.flat())].filter((column) => column === null || !names.includes(column));
  if (missing.length > 0) {
    const told = missing.map((column) => column ?? "an expression").join(", ");
    const isHopeless = missing.includes(null);
    return [
      {
        path: "columns",
        from: `partitioned by (${[...new Set(levels.flat())].map((each) => each ?? "an expression").join(", ")})`,
        to: `unique (${names.join(", ")})`,
        why: `${told} of the partition key is missing, and PostgreSQL can keep a key unique only within a partition`,
        hint: isHopeless
          ? "A unique index over all partitions is not possible here: index each partition, or leave unique out."
          : `Add ${told} to columns, or leave unique out.`,
      },
    ];
  }
  const found = offendingIn(answers, key);
  if (!found || found.count === 0) return [];
  const more = found.count > found.keys.length;
  const many = `${found.count}${found.count >= mostCounted ? " or more" : ""}`;
  const what = found.count === 1 ? "value stands" : "values stand";
  return [
    {
      path: "unique",
      from: "not unique",
      to: "unique",
      why: `${many} ${what} more than once${more ? ", the first" : ""}: ${found.keys.join(", ")}`,
      hint: "Correct or delete those rows, or narrow the index with where.",
    },
  ];
}
