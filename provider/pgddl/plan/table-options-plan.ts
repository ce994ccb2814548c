import { qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { PartitionBySpec } from "../spec.ts";
import type { Change } from "./difference.ts";
import type { Question } from "./question.ts";
import { briefly, quickly, type Statement, type TableName } from "./statement.ts";
import { PartBuilder, type Part, type PlannedChange, type TableChange } from "./table-part.ts";

export function tableOptionQuestions(_change: TableChange): readonly Question[] {
  return [];
}

/** Everything of a table that is neither column nor constraint: name, owner, comment, storage, partition key. */
export function tableOptionPart(change: PlannedChange): Part {
  const { live, wanted, table } = change;
  const part = new PartBuilder(change);
  const fixed = (path: string, from: string, to: string, why: string, hint: string): void => {
    if (from !== to) part.refuse({ path, from, to, why, hint });
  };
  const rename =
    "Rename it by hand, import it under its new name, and forget the old resource (`pulumi state delete`).";
  fixed("schema", live.schema, wanted.schema, "a table is not moved", rename);
  fixed("name", live.name, wanted.name, "a table is not renamed", rename);
  fixed(
    "partitionBy",
    partitionText(live.partitionBy),
    partitionText(wanted.partitionBy),
    "PostgreSQL cannot change how a table that exists is partitioned",
    "Declare a new table that is partitioned as wanted, and copy the rows.",
  );
  if (wanted.comment !== live.comment) {
    part.change("comment", kindOf(live.comment, wanted.comment));
    part.quick("finish", commentOn(table, wanted.comment));
  }
  if (wanted.owner !== undefined && wanted.owner !== live.owner) {
    part.change("owner");
    part.asSelf("finish", ownerStatement(table, wanted.owner));
  }
  return part;
}

/** Changes the owner, with the connection's own rights: it has to be a member of both roles. */
export function ownerStatement(on: TableName, owner: string): Statement {
  return briefly(`ALTER TABLE ${qualify(on.schema, on.name)} OWNER TO ${quoteIdentifier(owner)}`, on);
}

/** COMMENT ON TABLE. @param isNew of a table that nobody else sees yet, so that no lock counts */
export function commentOn(on: TableName, comment: string | undefined, isNew = false): Statement {
  const text = comment === undefined ? "NULL" : quoteLiteral(comment);
  return quickly(`COMMENT ON TABLE ${qualify(on.schema, on.name)} IS ${text}`, {
    locks: isNew ? [] : [{ mode: "SHARE UPDATE EXCLUSIVE", on }],
  });
}

export function partitionText(partitionBy: PartitionBySpec | undefined): string {
  return partitionBy ? `${partitionBy.strategy} (${partitionBy.columns.join(", ")})` : "not partitioned";
}

function kindOf(from: string | undefined, to: string | undefined): Change["kind"] {
  if (from === undefined) return "add";
  return to === undefined ? "delete" : "update";
}
