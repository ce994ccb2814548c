import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Connection } from "../../../lib/connection.ts";
import { describeConnection } from "../../../lib/connection.ts";
import { UserError } from "../../../lib/errors.ts";

type Place = Omit<Connection, "password">;

/**
 * The password as psql finds it: PGPASSWORD, the file PGPASSFILE or ~/.pgpass, or a question on the terminal.
 * @throws UserError `password` when there is none and nobody can be asked
 */
export async function findPassword(place: Place, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const given = env["PGPASSWORD"] ?? fromFile(place, env["PGPASSFILE"] ?? join(homedir(), ".pgpass"));
  if (given !== undefined) return given;
  if (process.stdin.isTTY && process.stderr.isTTY) return ask(`Password of ${describeConnection(place)}: `);
  throw new UserError(
    "password",
    `there is no password for ${describeConnection(place)}`,
    "Set PGPASSWORD, or write a line into ~/.pgpass (mode 0600).",
  );
}

function fromFile(place: Place, path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new UserError(
      "password",
      `${path} can be read by others, so it is not used`,
      `Run: chmod 600 ${path}`,
    );
  }
  return passwordIn(readFileSync(path, "utf8"), place);
}

/** The password of the first line that fits; `*` fits everything, a backslash takes the next character as it is. */
export function passwordIn(file: string, { host, port, database, user }: Place): string | undefined {
  for (const line of file.split("\n")) {
    if (line.startsWith("#")) continue;
    const fields = [...line.matchAll(/((?:\\.|[^\\:])*)(?::|$)/gy)].map(([, field = ""]) => field);
    const [password] = fields.slice(4);
    const wanted = [host, String(port), database, user];
    const fits = wanted.every((value, at) => fields[at] === "*" || unescape(fields[at] ?? "") === value);
    if (fits && password !== undefined) return unescape(password);
  }
  return undefined;
}

const unescape = (field: string): string => field.replaceAll(/\\(.)/g, "$1");

/** What is typed is not shown. */
async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const nothing = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output: nothing, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.once("line", resolve).once("SIGINT", () => {
        reject(new UserError("interrupted", "interrupted"));
      });
    });
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
