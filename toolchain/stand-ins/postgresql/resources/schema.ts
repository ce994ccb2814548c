import { UserError, type Fault } from "../../../../lib/errors.ts";
import { identifierFault, quoteIdentifier } from "../../../../lib/identifier.ts";
import { unknown, type Properties } from "../../../../provider/host/values.ts";
import { knownText, text, type Operations } from "../managed.ts";
import { asMemberOf } from "../membership.ts";
import type { Server, Session } from "../server.ts";

export function schemaOperations(server: Server): Operations {
  const databaseOf = (properties: Properties): string => knownText(properties, "database") || server.home;
  return {
    faults: (inputs): readonly Fault[] => {
      const name = text(inputs, "name");
      const reason = name === unknown ? undefined : identifierFault(name);
      return reason ? [{ property: "name", reason }] : [];
    },
    create: (inputs) => {
      const name = text(inputs, "name");
      const owner = text(inputs, "owner");
      return server.change(databaseOf(inputs), `creating schema "${name}"`, async (session) => {
        const members = [await databaseOwner(session), owner].filter((role) => role !== "");
        await asMemberOf(session, members, async () => {
          const current = await ownerOf(session, name);
          if (current === undefined) {
            const authorization = owner === "" ? "" : ` AUTHORIZATION ${quoteIdentifier(owner)}`;
            await session.run(`CREATE SCHEMA ${quoteIdentifier(name)}${authorization}`);
          } else if (owner !== "" && owner !== current) {
            await session.run(`ALTER SCHEMA ${quoteIdentifier(name)} OWNER TO ${quoteIdentifier(owner)}`);
          }
        });
      });
    },
    find: async (id, wanted) => {
      const place = wanted
        ? { database: databaseOf(wanted), name: text(wanted, "name") }
        : splitId(id, "schema");
      const owner = await server.read(place.database, `reading schema "${place.name}"`, (session) =>
        ownerOf(session, place.name),
      );
      if (owner === undefined) return undefined;
      const policies = wanted && wanted.policies !== unknown ? (wanted.policies ?? []) : [];
      return { id: `${place.database}.${place.name}`, properties: { ...place, owner, policies } };
    },
    update: (old, news) =>
      server.change(databaseOf(old), `updating schema "${text(old, "name")}"`, async (session) => {
        const [before, name] = [text(old, "name"), text(news, "name")];
        const [oldOwner, owner] = [text(old, "owner"), text(news, "owner") || text(old, "owner")];
        const schema = quoteIdentifier(name);
        await asMemberOf(session, [await databaseOwner(session), oldOwner, owner], async () => {
          if (before !== name)
            await session.run(`ALTER SCHEMA ${quoteIdentifier(before)} RENAME TO ${schema}`);
          if (oldOwner !== owner)
            await session.run(`ALTER SCHEMA ${schema} OWNER TO ${quoteIdentifier(owner)}`);
        });
      }),
    delete: (old) =>
      server.change(databaseOf(old), `deleting schema "${text(old, "name")}"`, async (session) => {
        const owner = await ownerOf(session, text(old, "name"));
        if (owner === undefined) return;
        const mode = old.dropCascade === true ? "CASCADE" : "RESTRICT";
        await asMemberOf(session, [owner], () =>
          session.run(`DROP SCHEMA ${quoteIdentifier(text(old, "name"))} ${mode}`),
        );
      }),
  };
}

/** `database.name`, the id of what lives in a database. */
export function splitId(id: string, what: string): { readonly database: string; readonly name: string } {
  const [database, name, ...more] = id.split(".");
  if (database && name && more.length === 0) return { database, name };
  throw new UserError("id", `"${id}" is no id of a ${what}`, `give DATABASE.${what.toUpperCase()}`);
}

/** Undefined: there is no such schema. */
export async function ownerOf(session: Session, schema: string): Promise<string | undefined> {
  const [row] = await session.rows<{ owner: string }>(
    "SELECT pg_get_userbyid(nspowner)::text AS owner FROM pg_namespace WHERE nspname = $1",
    [schema],
  );
  return row?.owner;
}

export async function databaseOwner(session: Session): Promise<string> {
  const [row] = await session.rows<{ owner: string }>(
    "SELECT pg_get_userbyid(datdba)::text AS owner FROM pg_database WHERE datname = current_database()",
  );
  return row?.owner ?? "";
}
