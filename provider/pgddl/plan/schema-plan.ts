import { z } from "zod";
import { quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { SchemaCatalog } from "../catalog.ts";
import type { SchemaSpec } from "../spec.ts";
import type { Change, Difference, Refusal } from "./difference.ts";
import { answerTo, type Answers, type Question } from "./question.ts";
import { quickly, type Plan, type Statement } from "./statement.ts";

const mostTold = 10;

export function planSchemaCreate(spec: SchemaSpec): Plan {
  const name = quoteIdentifier(spec.name);
  const owner = spec.owner === undefined ? "" : ` AUTHORIZATION ${quoteIdentifier(spec.owner)}`;
  const statements = [
    quickly(`CREATE SCHEMA ${name}${owner}`),
    ...(spec.comment === undefined ? [] : [commentOn(spec.name, spec.comment)]),
  ];
  return [{ isTransaction: true, statements }];
}

/** Everything is in the catalogue alone, and done with the rights of the provider's role, a member of the owners. */
export function planSchemaChange(live: SchemaCatalog, before: SchemaSpec, wanted: SchemaSpec): Difference {
  const isRenamed = live.name !== wanted.name;
  const owner = wanted.owner !== undefined && wanted.owner !== live.owner ? wanted.owner : undefined;
  const isCommented = live.comment !== wanted.comment;
  const changes: Change[] = [
    ...(isRenamed ? [{ path: "name", kind: "update" as const }] : []),
    ...(owner === undefined
      ? []
      : [{ path: "owner", kind: before.owner === undefined ? ("add" as const) : ("update" as const) }]),
    ...(isCommented ? [{ path: "comment", kind: commentChange(live, wanted) }] : []),
  ];
  const refusals: Refusal[] =
    isRenamed && live.name !== wanted.renamedFrom
      ? [
          {
            path: "name",
            from: live.name,
            to: wanted.name,
            why: "a new name alone does not say whether the schema is to be renamed",
            hint: `Give renamedFrom: ${JSON.stringify(live.name)} to rename it.`,
          },
        ]
      : [];
  const alter = (name: string, what: string): Statement =>
    quickly(`ALTER SCHEMA ${quoteIdentifier(name)} ${what}`);
  const statements = [
    ...(isRenamed ? [alter(live.name, `RENAME TO ${quoteIdentifier(wanted.name)}`)] : []),
    ...(owner === undefined ? [] : [alter(wanted.name, `OWNER TO ${quoteIdentifier(owner)}`)]),
    ...(isCommented ? [commentOn(wanted.name, wanted.comment)] : []),
  ];
  const isDone = refusals.length > 0 || statements.length === 0;
  const warnings =
    isRenamed && refusals.length === 0
      ? [
          `after the rename nothing finds the schema as ${live.name} any more: functions, search_path settings and programs that name it have to follow`,
        ]
      : [];
  return { changes, refusals, warnings, plan: isDone ? [] : [{ isTransaction: true, statements }] };
}

/** What RESTRICT would stop at, ten of them by name. */
export function contentsQuestion({ oid }: SchemaCatalog): Question {
  return {
    key: "contents",
    sql: `
      WITH found AS (
        SELECT d.classid, d.objid, d.objsubid FROM pg_catalog.pg_depend AS d
         WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = $1::oid AND d.deptype = 'n')
      SELECT (SELECT count(*)::int FROM found) AS count,
             (SELECT coalesce(json_agg(name), '[]')
                FROM (SELECT pg_catalog.pg_describe_object(classid, objid, objsubid) AS name
                        FROM found ORDER BY name LIMIT ${mostTold}) AS f) AS names`,
    values: [oid],
  };
}

/** Without an answer the server, which drops nothing along, decides. */
export function planSchemaDrop(
  live: SchemaCatalog,
  answers: Answers,
): Pick<Difference, "plan" | "refusals" | "warnings"> {
  const found = answerTo(answers, "contents", z.object({ count: z.number(), names: z.array(z.string()) }));
  if (found && found.count > 0) {
    const more = found.count > found.names.length;
    const refusal: Refusal = {
      path: "name",
      from: live.name,
      to: "dropped",
      why: `it is not empty: ${more ? `${found.count} objects, the first ` : ""}${found.names.join(", ")}`,
      hint: "Drop or move these first, or keep the schema with the option retainOnDelete: true.",
    };
    return { plan: [], refusals: [refusal], warnings: [] };
  }
  const drop = quickly(`DROP SCHEMA ${quoteIdentifier(live.name)} RESTRICT`, {
    hazards: ["drops an object"],
  });
  return { plan: [{ isTransaction: true, statements: [drop] }], refusals: [], warnings: [] };
}

function commentChange(live: SchemaCatalog, wanted: SchemaSpec): Change["kind"] {
  if (wanted.comment === undefined) return "delete";
  return live.comment === undefined ? "add" : "update";
}

function commentOn(name: string, comment: string | undefined): Statement {
  const text = comment === undefined ? "NULL" : quoteLiteral(comment);
  return quickly(`COMMENT ON SCHEMA ${quoteIdentifier(name)} IS ${text}`);
}
