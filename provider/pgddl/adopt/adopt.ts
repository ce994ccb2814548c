import { writeFile } from "node:fs/promises";
import type { Connection } from "../../../lib/connection.ts";
import { UserError } from "../../../lib/errors.ts";
import { Database } from "../server/database.ts";
import { adoptProgram } from "./program.ts";
import { readObjects } from "./read-objects.ts";

/** What is to be written, and where to. */
export interface AdoptOptions {
  /** None: every schema that is neither the server's own nor an extension's. */
  readonly schemas: readonly string[];
  /** A file that does not exist yet. Undefined: stdout. */
  readonly out: string | undefined;
}

/**
 * Writes the program for what is in a database.
 * @param note told on stderr: what was found
 * @throws UserError `no-schema`, `exists`, `unreachable`, `connect`
 */
export async function adopt(
  connection: Connection,
  { schemas, out }: AdoptOptions,
  note: (line: string) => void,
): Promise<void> {
  const database = new Database(connection, "pgddl-adopt");
  try {
    const adoption = await readObjects(database, schemas);
    const program = adoptProgram(connection, adoption);
    const managed = adoption.objects.filter(({ refusals }) => refusals.length === 0).length;
    const left = adoption.objects.length - managed + adoption.others.length;
    if (out === undefined) process.stdout.write(program);
    else await writeNew(out, program);
    const rest = left === 0 ? "" : `; ${left} that pgddl has no resource for are named in comments`;
    note(`${managed} resources${out === undefined ? "" : ` are in ${out}`}${rest}.`);
  } finally {
    await database.close();
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    throw new UserError("exists", `${path} exists already`, "Name a file that does not, or leave --out out.");
  }
}
