import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Properties } from "../../provider/host/values.ts";
import { toProperties } from "../../provider/pgddl/plain-value.ts";
import { renderRefusals } from "../../provider/pgddl/plan/difference.ts";
import { renderPlan } from "../../provider/pgddl/plan/statement.ts";
import type { DdlCase, Outcome } from "./ddl-case/case.ts";
import { foreignKeyOutcome } from "./ddl-case/foreign-key.ts";
import { indexOutcome } from "./ddl-case/index.ts";
import { partitionOutcome } from "./ddl-case/partition.ts";
import { partitionSetOutcome } from "./ddl-case/partition-set.ts";
import { schemaOutcome } from "./ddl-case/schema.ts";
import { tableOutcome } from "./ddl-case/table.ts";

const folder = join(import.meta.dirname, "../fixtures/ddl");
const answersFile = z.record(z.string(), z.array(z.unknown()));

/** The first type whose name the case's begins with. */
const outcomes: readonly (readonly [string, (subject: DdlCase) => Outcome])[] = [
  ["table-", tableOutcome],
  ["partition-set-", partitionSetOutcome],
  ["partition-", partitionOutcome],
  ["index-", indexOutcome],
  ["foreign-key-", foreignKeyOutcome],
  ["schema-", schemaOutcome],
];

export function ddlCases(): readonly DdlCase[] {
  return readdirSync(folder).map((name) => {
    const parse = (file: string): unknown => {
      const path = join(folder, name, file);
      return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
    };
    const read = (file: string): Properties | undefined => {
      const content = parse(file);
      return typeof content === "object" && content !== null ? toProperties(content) : undefined;
    };
    return {
      name,
      folder: join(folder, name),
      before: read("before.json"),
      after: read("after.json"),
      live: read("live.json") ?? {},
      facts: read("facts.json"),
      answers: new Map(Object.entries(answersFile.parse(parse("answers.json") ?? {}))),
    };
  });
}

/** The text of the plan, or of the refusal, with the warnings. */
export function outcomeOf(subject: DdlCase): {
  readonly file: "plan.txt" | "refusal.txt";
  readonly text: string;
} {
  const outcome = outcomes.find(([prefix]) => subject.name.startsWith(prefix))?.[1](subject);
  if (!outcome) throw new Error(`${subject.name} begins with no known type`);
  const { changes = [], plan, refusals, warnings } = outcome;
  const told = warnings.map((warning) => `warning: ${warning}\n`).join("");
  if (refusals.length > 0)
    return { file: "refusal.txt", text: `${renderRefusals(subject.name, refusals)}\n${told}` };
  const paths = changes.map(({ path, kind }) => `${kind} ${path}\n`);
  const statements = renderPlan(plan).map((line) => `${line}\n`);
  return { file: "plan.txt", text: [...paths, ...statements, told].join("") };
}
