#!/usr/bin/env node
import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { messageOf, UserError } from "../../../lib/errors.ts";
import { adopt } from "./adopt.ts";
import { findPassword } from "./password.ts";

const usage = `Writes the TypeScript of a Pulumi program for what a PostgreSQL database has.

pgddl-adopt [--host HOST] [--port PORT] [--database NAME] [--user NAME] [--schema NAME …] [--out FILE]

  --host, --port, --database, --user
             where, and as whom; default: PGHOST, PGPORT, PGDATABASE, PGUSER, else as psql
  --schema   one schema, and so on for further ones; default: every one of the database's users
  --out      a file that does not exist yet; default: the terminal

The password comes from PGPASSWORD, PGPASSFILE, ~/.pgpass or a question: never from an argument.
`;

async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const { values } = parse(args);
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const user = values.user ?? env["PGUSER"] ?? userInfo().username;
  const place = {
    host: values.host ?? env["PGHOST"] ?? "127.0.0.1",
    port: portOf(values.port ?? env["PGPORT"] ?? "5432"),
    database: values.database ?? env["PGDATABASE"] ?? user,
    user,
  };
  const password = await findPassword(place, env);
  await adopt({ ...place, password }, { schemas: values.schema ?? [], out: values.out }, (line) => {
    process.stderr.write(`${line}\n`);
  });
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ host: text, port: text, database: text, user: text, out: text },
        schema: { type: "string", multiple: true },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UserError("usage", messageOf(error), "See pgddl-adopt --help.");
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UserError("usage", `--port received "${text}"`, "Give a whole number from 1 to 65535.");
}

try {
  await main(process.argv.slice(2), process.env);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`error: ${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`);
  process.exitCode = error.code === "interrupted" ? 130 : 1;
}
