import { quoteIdentifier } from "../../../../lib/identifier.ts";
import type { Properties } from "../../../../provider/host/values.ts";
import { knownText, text, type Operations } from "../managed.ts";
import type { Server } from "../server.ts";
import { splitId } from "./schema.ts";

const selectExtension = `
  SELECT nspname AS schema, extversion AS version
  FROM pg_extension JOIN pg_namespace ON extnamespace = pg_namespace.oid WHERE extname = $1`;

export function extensionOperations(server: Server): Operations {
  const databaseOf = (properties: Properties): string => knownText(properties, "database") || server.home;
  return {
    create: (inputs) =>
      server.change(databaseOf(inputs), `creating extension "${text(inputs, "name")}"`, (session) =>
        session.run(
          [
            `CREATE EXTENSION IF NOT EXISTS ${quoteIdentifier(text(inputs, "name"))}`,
            text(inputs, "schema") && ` SCHEMA ${quoteIdentifier(text(inputs, "schema"))}`,
            text(inputs, "version") && ` VERSION ${quoteIdentifier(text(inputs, "version"))}`,
            inputs.createCascade === true ? " CASCADE" : "",
          ].join(""),
        ),
      ),
    find: async (id, wanted) => {
      const place = wanted
        ? { database: databaseOf(wanted), name: text(wanted, "name") }
        : splitId(id, "extension");
      const [row] = await server.read(place.database, `reading extension "${place.name}"`, (session) =>
        session.rows<{ schema: string; version: string }>(selectExtension, [place.name]),
      );
      return row && { id: `${place.database}.${place.name}`, properties: { ...place, ...row } };
    },
    update: (old, news) =>
      server.change(databaseOf(old), `updating extension "${text(old, "name")}"`, async (session) => {
        const alter = `ALTER EXTENSION ${quoteIdentifier(text(old, "name"))}`;
        const [schema, version] = [text(news, "schema"), text(news, "version")];
        if (schema !== "" && schema !== old.schema)
          await session.run(`${alter} SET SCHEMA ${quoteIdentifier(schema)}`);
        if (version !== "" && version !== old.version)
          await session.run(`${alter} UPDATE TO ${quoteIdentifier(version)}`);
      }),
    delete: (old) =>
      server.change(databaseOf(old), `deleting extension "${text(old, "name")}"`, (session) =>
        session.run(
          `DROP EXTENSION IF EXISTS ${quoteIdentifier(text(old, "name"))} ${old.dropCascade === true ? "CASCADE" : "RESTRICT"}`,
        ),
      ),
  };
}
