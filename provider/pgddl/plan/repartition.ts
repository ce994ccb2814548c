import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import { dependantsIn, dependantsQuestion, tellDependants } from "./dependants.ts";
import { hasRows, rowsQuestion, type Question } from "./question.ts";
import { partitionBySql, partitionText } from "./partition-by-sql.ts";
import type { NamedChange, PartBuilder, PlannedChange } from "./table-part.ts";

export function repartitionQuestions({ live, wanted }: NamedChange): readonly Question[] {
  if (partitionText(live.partitionBy) === partitionText(wanted.partitionBy)) return [];
  return [rowsQuestion(live), dependantsQuestion(live)];
}

/** How a table is partitioned is settled when it is made. The refusal says how to make another one and copy. */
export function refuseRepartition(part: PartBuilder, { live, wanted, answers }: PlannedChange): void {
  const [from, to] = [partitionText(live.partitionBy), partitionText(wanted.partitionBy)];
  if (from === to) return;
  const dependants = dependantsIn(answers, live);
  const isFree = !hasRows(answers, live) && dependants?.length === 0;
  const table = qualify(live.schema, live.name);
  const columns = wanted.columns
    .filter(({ generated }) => generated === undefined)
    .map(({ name }) => quoteIdentifier(name))
    .join(", ");
  const other = `${live.name}_new`;
  const copy = [
    `Declare a second Table ${other}${partitionBySql(wanted.partitionBy)}${wanted.partitionBy ? ", with its Partitions," : ""} and copy:`,
    `INSERT INTO ${qualify(live.schema, other)} (${columns}) SELECT ${columns} FROM ${table};`,
    `ALTER TABLE ${table} RENAME TO ${quoteIdentifier(`${live.name}_old`)};`,
    `ALTER TABLE ${qualify(live.schema, other)} RENAME TO ${quoteIdentifier(live.name)};`,
    "then forget this resource (`pulumi state delete`), import the new table under its name, and drop the old one when it is not needed.",
  ].join(" ");
  const bound =
    dependants && dependants.length > 0
      ? ` What depends on it has to be moved too: ${tellDependants(dependants)}.`
      : "";
  part.refuse({
    path: "partitionBy",
    from,
    to,
    why: "PostgreSQL cannot change how a table that exists is partitioned",
    hint: isFree
      ? `It is empty and nothing depends on it: drop it by hand (DROP TABLE ${table}), run \`pulumi refresh\`, and the next update makes it anew.`
      : `${copy}${bound}`,
  });
}
