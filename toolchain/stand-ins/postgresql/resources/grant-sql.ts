import { qualify, quoteIdentifier } from "../../../../lib/identifier.ts";
import type { Properties } from "../../../../provider/host/values.ts";
import { text, texts } from "../managed.ts";

const wholeDatabase = ["database", "foreign_data_wrapper", "foreign_server"];
const routines = ["function", "procedure", "routine"];

/** Whether grants on this object type name no schema. */
export function isOutsideSchema(objectType: string): boolean {
  return wholeDatabase.includes(objectType);
}

export function isRoutine(objectType: string): boolean {
  return routines.includes(objectType);
}

/** `f` or `f(text, integer)`: the name is quoted, the argument types are not. Undefined: neither of them. */
export function quoteRoutine(schema: string, routine: string): string | undefined {
  const [, name, types] = /^([^()]+)(\([\w\s,.[\]"]*\))?$/.exec(routine) ?? [];
  return name === undefined ? undefined : `${qualify(schema, name)}${types ?? ""}`;
}

/** GRANT, or undefined when there is nothing to grant. */
export function grantStatement(grant: Properties): string | undefined {
  const privileges = texts(grant, "privileges");
  if (privileges.length === 0) return undefined;
  const option = grant.withGrantOption === true ? " WITH GRANT OPTION" : "";
  const what = privileges.map((privilege) => privilege + columnList(grant)).join(", ");
  return `GRANT ${what} ON ${target(grant)} TO ${quoteIdentifier(text(grant, "role"))}${option}`;
}

/**
 * REVOKE of what `grant` gave. On named tables that is no more than was given, for REVOKE ALL would take
 * the grants on single columns along.
 */
export function revokeStatement(grant: Properties): string | undefined {
  const privileges = texts(grant, "privileges");
  const isByColumn = text(grant, "objectType") === "column";
  if (isByColumn && privileges.length === 0) return undefined;
  const isNarrow = isByColumn || (privileges.length > 0 && texts(grant, "objects").length > 0);
  const what = isNarrow
    ? privileges.map((privilege) => privilege + columnList(grant)).join(", ")
    : "ALL PRIVILEGES";
  return `REVOKE ${what} ON ${target(grant)} FROM ${quoteIdentifier(text(grant, "role"))}`;
}

function columnList(grant: Properties): string {
  const columns = texts(grant, "columns");
  return columns.length === 0 ? "" : ` (${columns.map(quoteIdentifier).join(", ")})`;
}

function target(grant: Properties): string {
  const objectType = text(grant, "objectType");
  const schema = text(grant, "schema");
  const objects = texts(grant, "objects");
  const kind = objectType.replaceAll("_", " ").toUpperCase();
  if (objectType === "database") return `DATABASE ${quoteIdentifier(text(grant, "database"))}`;
  if (objectType === "schema") return `SCHEMA ${quoteIdentifier(schema)}`;
  if (isOutsideSchema(objectType)) return `${kind} ${objects.map(quoteIdentifier).join(", ")}`;
  const quote = (name: string): string =>
    (isRoutine(objectType) ? quoteRoutine(schema, name) : undefined) ?? qualify(schema, name);
  const named = objects.map(quote).join(", ");
  if (objectType === "column") return `TABLE ${named}`;
  return objects.length === 0 ? `ALL ${kind}S IN SCHEMA ${quoteIdentifier(schema)}` : `${kind} ${named}`;
}

/** What a grantee has on each object: name and privileges. $1 the grantee's oid, $2 the schema or the object's name. */
export function selectPrivileges(objectType: string): string {
  const of = (from: string, name: string, acl: string, where: string): string => `
    SELECT ${name} AS object, ARRAY(
      SELECT DISTINCT privilege_type::text FROM aclexplode(${acl}) WHERE grantee = $1 ORDER BY 1) AS privileges
    FROM ${from} WHERE ${where} ORDER BY 1`;
  const inSchema = (namespace: string): string =>
    `${namespace} = (SELECT oid FROM pg_namespace WHERE nspname = $2)`;
  switch (objectType) {
    case "database":
      return of("pg_database", "datname", "datacl", "datname = $2");
    case "schema":
      return of("pg_namespace", "nspname", "nspacl", "nspname = $2");
    case "foreign_data_wrapper":
      return of("pg_foreign_data_wrapper", "fdwname", "fdwacl", "fdwname = $2");
    case "foreign_server":
      return of("pg_foreign_server", "srvname", "srvacl", "srvname = $2");
    case "sequence":
      return of("pg_class", "relname", "relacl", `relkind = 'S' AND ${inSchema("relnamespace")}`);
    case "function":
    case "procedure":
    case "routine":
      return of("pg_proc", "proname", "proacl", inSchema("pronamespace"));
    default:
      return of("pg_class", "relname", "relacl", `relkind = 'r' AND ${inSchema("relnamespace")}`);
  }
}

/** The columns of table $3 in schema $2 on which the grantee $1 has privilege $4 of its own. */
export const selectColumns = `
  SELECT attname AS name FROM pg_attribute
    JOIN pg_class ON attrelid = pg_class.oid JOIN pg_namespace ON relnamespace = pg_namespace.oid
  WHERE nspname = $2 AND relname = $3 AND NOT attisdropped
    AND EXISTS (SELECT FROM aclexplode(attacl) WHERE grantee = $1 AND privilege_type = $4)
  ORDER BY 1`;

/** The owners of a schema ($1) and, with $2, of what it holds. */
export const selectOwners = `
  SELECT DISTINCT pg_get_userbyid(owner)::text AS owner FROM (
    SELECT nspowner AS owner FROM pg_namespace WHERE nspname = $1
    UNION SELECT relowner FROM pg_class WHERE $2 AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
    UNION SELECT proowner FROM pg_proc WHERE $2 AND pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
  ) AS owners`;
