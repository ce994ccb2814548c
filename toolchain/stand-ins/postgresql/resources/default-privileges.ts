import { UserError, type Fault } from "../../../../lib/errors.ts";
import { quoteIdentifier } from "../../../../lib/identifier.ts";
import type { Properties } from "../../../../provider/host/values.ts";
import { codeOf } from "../failure.ts";
import { text, texts, type Operations } from "../managed.ts";
import { asMemberOf, roleExists } from "../membership.ts";
import { granteeOid, hasWanted, privilegeFaults } from "../privileges.ts";
import type { Server, Session } from "../server.ts";
import { ownerOf } from "./schema.ts";

// pg_default_acl's letters.
const letters: Readonly<Record<string, string>> = {
  table: "r",
  sequence: "S",
  function: "f",
  routine: "f",
  type: "T",
  schema: "n",
};

const selectDefaults = `
  SELECT DISTINCT privilege_type::text AS privilege FROM pg_default_acl, aclexplode(defaclacl)
  WHERE grantee = $1 AND defaclobjtype = $2 AND pg_get_userbyid(defaclrole) = $3
    AND defaclnamespace = coalesce((SELECT oid FROM pg_namespace WHERE nspname = $4), 0)
  ORDER BY 1`;

export function defaultPrivilegesOperations(server: Server): Operations {
  const apply = async (doing: string, wanted: Properties, statements: readonly string[]): Promise<void> =>
    server.change(
      text(wanted, "database"),
      `${doing} default privileges ${describe(wanted)}`,
      async (session) => {
        await asMemberOf(session, [text(wanted, "owner")], async () => {
          for (const statement of statements) await session.run(statement);
        });
      },
    );
  return {
    faults: (inputs) => [...shapeFaults(inputs), ...privilegeFaults(inputs)],
    create: (inputs) => apply("setting", inputs, [revokeStatement(inputs), ...grantStatements(inputs)]),
    find: async (id, wanted) => {
      if (!wanted) {
        throw new UserError(
          "import",
          `DefaultPrivileges cannot be imported: the id "${id}" does not tell where the role's name ends`,
          "declare them in the program; setting what is set already changes nothing",
        );
      }
      const properties = await server.read(
        text(wanted, "database"),
        `reading default privileges ${describe(wanted)}`,
        (session) => liveDefaults(session, wanted),
      );
      return properties && { id: idOf(wanted), properties };
    },
    update: (old, news) => apply("setting", news, [revokeStatement(old), ...grantStatements(news)]),
    delete: async (old) => {
      try {
        await apply("revoking", old, [revokeStatement(old)]);
      } catch (error) {
        // A role, the schema or the database is gone, and the entry with it.
        if (!["42704", "3F000", "3D000"].includes(codeOf(error) ?? "")) throw error;
      }
    },
  };
}

/** Undefined: none of the privileges is left, or what they hang on is gone. */
async function liveDefaults(session: Session, wanted: Properties): Promise<Properties | undefined> {
  const schema = text(wanted, "schema");
  const owner = text(wanted, "owner");
  const grantee = await granteeOid(session, text(wanted, "role"));
  if (grantee === undefined || !(await roleExists(session, owner))) return undefined;
  if (schema !== "" && (await ownerOf(session, schema)) === undefined) return undefined;
  const letter = letters[text(wanted, "objectType")];
  const rows = await session.rows<{ privilege: string }>(selectDefaults, [grantee, letter, owner, schema]);
  const granted = rows.map((row) => row.privilege);
  if (granted.length === 0 && texts(wanted, "privileges").length > 0) return undefined;
  return hasWanted(granted, wanted) ? {} : { privileges: granted };
}

function idOf(wanted: Properties): string {
  const schema = text(wanted, "schema") || "noschema";
  const part = (name: string): string => text(wanted, name);
  return [part("role"), part("database"), schema, part("owner"), part("objectType")].join("_");
}

function alter(wanted: Properties): string {
  const schema = text(wanted, "schema");
  const inSchema = schema === "" ? "" : ` IN SCHEMA ${quoteIdentifier(schema)}`;
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(text(wanted, "owner"))}${inSchema}`;
}

function revokeStatement(wanted: Properties): string {
  const kind = `${text(wanted, "objectType").toUpperCase()}S`;
  return `${alter(wanted)} REVOKE ALL ON ${kind} FROM ${quoteIdentifier(text(wanted, "role"))}`;
}

function grantStatements(wanted: Properties): readonly string[] {
  const privileges = texts(wanted, "privileges");
  if (privileges.length === 0) return [];
  const kind = `${text(wanted, "objectType").toUpperCase()}S`;
  const option = wanted.withGrantOption === true ? " WITH GRANT OPTION" : "";
  const role = quoteIdentifier(text(wanted, "role"));
  return [`${alter(wanted)} GRANT ${privileges.join(", ")} ON ${kind} TO ${role}${option}`];
}

function describe(wanted: Properties): string {
  return `of "${text(wanted, "role")}" on what "${text(wanted, "owner")}" creates in "${text(wanted, "database")}"`;
}

function shapeFaults(inputs: Properties): readonly Fault[] {
  const faults: Fault[] = [];
  if (text(inputs, "schema") !== "" && text(inputs, "objectType") === "schema") {
    faults.push({ property: "schema", reason: 'goes not with objectType "schema"; remove it' });
  }
  if (inputs.withGrantOption === true && text(inputs, "role").toLowerCase() === "public") {
    faults.push({ property: "withGrantOption", reason: "cannot be given to public; remove it" });
  }
  return faults;
}
