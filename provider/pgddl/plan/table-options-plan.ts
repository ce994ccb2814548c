import { qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { Change } from "./difference.ts";
import type { Question } from "./question.ts";
import { briefly, quickly, type Statement, type TableName } from "./statement.ts";
import { storagePart, storageQuestions } from "./storage-plan.ts";
import { repartitionQuestions, refuseRepartition } from "./repartition.ts";
import { PartBuilder, type NamedChange, type Part, type PlannedChange } from "./table-part.ts";

export function tableOptionQuestions(change: NamedChange): readonly Question[] {
  return [...repartitionQuestions(change), ...storageQuestions(change)];
}

/** The table's own name, which every later statement says. */
export function tableNamePart(change: PlannedChange): Part {
  const { live, wanted } = change;
  const part = new PartBuilder(change);
  if (live.schema !== wanted.schema) {
    part.refuse({
      ...{ path: "schema", from: live.schema, to: wanted.schema },
      why: "a table is not moved to another schema: what speaks of it by its full name would break unseen",
      hint: `Move it by hand (ALTER TABLE ${qualify(live.schema, live.name)} SET SCHEMA ${quoteIdentifier(wanted.schema)}), import it from there, and forget the old resource (\`pulumi state delete\`).`,
    });
  }
  if (live.name === wanted.name) return part;
  if (wanted.renamedFrom !== live.name) {
    part.refuse({
      ...{ path: "name", from: live.name, to: wanted.name },
      why: "another name may mean another table, and this one would be lost with its rows",
      hint: `Add renamedFrom: "${live.name}" to rename this one.`,
    });
    return part;
  }
  part.change("name");
  const rename = `ALTER TABLE ${qualify(live.schema, live.name)} RENAME TO ${quoteIdentifier(wanted.name)}`;
  part.quick("rename", briefly(rename, { schema: live.schema, name: live.name }));
  return part;
}

/** Everything of a table that is neither column nor constraint nor its name. The owner changes last: nothing else is done with its rights. */
export function tableOptionPart(change: PlannedChange): Part {
  const { live, wanted, table } = change;
  const part = new PartBuilder(change);
  refuseRepartition(part, change);
  storagePart(part, change);
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

function kindOf(from: string | undefined, to: string | undefined): Change["kind"] {
  if (from === undefined) return "add";
  return to === undefined ? "delete" : "update";
}
