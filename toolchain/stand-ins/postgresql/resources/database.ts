import { quoteIdentifier, quoteLiteral } from "../../../../lib/identifier.ts";
import type { Properties } from "../../../../provider/host/values.ts";
import { knownText, text, type Live, type Operations } from "../managed.ts";
import { asMemberOf } from "../membership.ts";
import type { Server } from "../server.ts";

interface DatabaseRow {
  readonly name: string;
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  readonly tablespace: string;
  readonly connection_limit: number;
  readonly allow_connections: boolean;
  readonly is_template: boolean;
}

const selectDatabase = `
  SELECT datname AS name, pg_get_userbyid(datdba)::text AS owner, pg_encoding_to_char(encoding) AS encoding,
    datcollate AS collate, datctype AS ctype, spcname AS tablespace, datconnlimit AS connection_limit,
    datallowconn AS allow_connections, datistemplate AS is_template
  FROM pg_database JOIN pg_tablespace ON dattablespace = pg_tablespace.oid WHERE datname = $1`;

export function databaseOperations(server: Server): Operations {
  const rowOf = async (name: string): Promise<DatabaseRow | undefined> => {
    const rows = await server.read(server.home, `reading database "${name}"`, (session) =>
      session.rows<DatabaseRow>(selectDatabase, [name]),
    );
    return rows[0];
  };
  return {
    create: (inputs) =>
      server.changeAlone(`creating database "${text(inputs, "name")}"`, createStatement(inputs)),
    find: async (id, wanted) => {
      const row = await rowOf(wanted ? text(wanted, "name") : id);
      return row && liveOf(row, wanted);
    },
    update: async (old, news) => {
      const doing = `updating database "${text(old, "name")}"`;
      await reassignObjects(server, old, news);
      if (text(old, "name") !== text(news, "name")) await server.leave(text(old, "name"));
      await server.change(server.home, doing, async (session) => {
        for (const statement of alterStatements(old, news)) await session.run(statement);
      });
      const tablespace = text(news, "tablespaceName");
      if (tablespace === "" || tablespace === text(old, "tablespaceName")) return;
      await server.leave(text(news, "name"));
      await server.changeAlone(doing, setTablespace(text(news, "name"), tablespace));
    },
    delete: async (old) => {
      const name = text(old, "name");
      const doing = `deleting database "${name}"`;
      const row = await rowOf(name);
      if (!row) return;
      await server.leave(name);
      if (row.is_template) {
        await server.change(server.home, doing, (session) =>
          session.run(`ALTER DATABASE ${quoteIdentifier(name)} IS_TEMPLATE false`),
        );
      }
      await server.changeAlone(doing, `DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`);
    },
  };
}

function liveOf(row: DatabaseRow, wanted: Properties | undefined): Live {
  // Which template it was made of is written nowhere; without a better word it was the provider's default.
  const template = (wanted && knownText(wanted, "template")) ?? "";
  return {
    id: row.name,
    properties: {
      allowConnections: row.allow_connections,
      connectionLimit: row.connection_limit,
      encoding: row.encoding,
      isTemplate: row.is_template,
      lcCollate: row.collate,
      lcCtype: row.ctype,
      name: row.name,
      owner: row.owner,
      tablespaceName: row.tablespace,
      template: template || "template0",
    },
  };
}

/** CREATE DATABASE. The word DEFAULT, in any case, stands for the server's own choice. */
export function createStatement(inputs: Properties): string {
  const option = (
    word: string,
    property: string,
    quote: (value: string) => string,
    otherwise = "",
  ): string => {
    const value = text(inputs, property) || otherwise;
    if (value === "") return "";
    return ` ${word} ${value.toUpperCase() === "DEFAULT" ? "DEFAULT" : quote(value)}`;
  };
  return [
    `CREATE DATABASE ${quoteIdentifier(text(inputs, "name"))}`,
    option("OWNER", "owner", quoteIdentifier),
    option("TEMPLATE", "template", quoteIdentifier, "template0"),
    option("ENCODING", "encoding", quoteLiteral, "UTF8"),
    option("LC_COLLATE", "lcCollate", quoteLiteral),
    option("LC_CTYPE", "lcCtype", quoteLiteral),
    option("TABLESPACE", "tablespaceName", quoteIdentifier),
    ` ALLOW_CONNECTIONS ${inputs.allowConnections !== false}`,
    ` CONNECTION LIMIT ${Number(inputs.connectionLimit ?? -1)}`,
    ` IS_TEMPLATE ${inputs.isTemplate === true}`,
  ].join("");
}

function alterStatements(old: Properties, news: Properties): readonly string[] {
  const before = text(old, "name");
  const name = text(news, "name");
  const alter = `ALTER DATABASE ${quoteIdentifier(name)}`;
  const has = (property: string): boolean => news[property] !== undefined && news[property] !== old[property];
  return [
    ...(before === name
      ? []
      : [`ALTER DATABASE ${quoteIdentifier(before)} RENAME TO ${quoteIdentifier(name)}`]),
    ...(has("owner") ? [`${alter} OWNER TO ${quoteIdentifier(text(news, "owner"))}`] : []),
    ...(has("connectionLimit") ? [`${alter} CONNECTION LIMIT ${Number(news.connectionLimit)}`] : []),
    ...(has("allowConnections") ? [`${alter} ALLOW_CONNECTIONS ${news.allowConnections === true}`] : []),
    ...(has("isTemplate") ? [`${alter} IS_TEMPLATE ${news.isTemplate === true}`] : []),
  ];
}

function setTablespace(name: string, tablespace: string): string {
  const target = tablespace.toUpperCase() === "DEFAULT" ? "pg_default" : tablespace;
  return `ALTER DATABASE ${quoteIdentifier(name)} SET TABLESPACE ${quoteIdentifier(target)}`;
}

/** With alterObjectOwnership a new owner gets what the old one owns in the database. */
async function reassignObjects(server: Server, old: Properties, news: Properties): Promise<void> {
  const from = text(old, "owner");
  const to = text(news, "owner");
  if (news.alterObjectOwnership !== true || to === "" || from === to) return;
  await server.change(text(old, "name"), `reassigning what "${from}" owns to "${to}"`, (session) =>
    asMemberOf(session, [from, to], () =>
      session.run(`REASSIGN OWNED BY ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`),
    ),
  );
}
