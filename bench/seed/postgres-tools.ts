import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "../../lib/connection.ts";
import { UserError } from "../../lib/errors.ts";
import { getPostgres } from "../../toolchain/postgres-servers.ts";
import { note } from "../../scripts/terminal.ts";

/** Runs psql or pgbench, as packages have them, against a database; standard input is `input`, if any. */
export async function runPostgresTool(
  tool: "psql" | "pgbench",
  args: readonly string[],
  connection: Connection,
  input = "",
): Promise<void> {
  const { folder, bin } = await getPostgres(18, note);
  const ca = writeAuthorities(connection);
  const env = {
    ...process.env,
    ...(ca === undefined ? {} : { PGSSLMODE: "verify-full", PGSSLROOTCERT: join(ca, "ca.pem") }),
    PGHOST: connection.host,
    PGPORT: String(connection.port),
    PGUSER: connection.user,
    PGDATABASE: connection.database,
    PGPASSWORD: connection.password,
  };
  const child = spawn(join(folder, bin, tool), args, { env, stdio: ["pipe", "ignore", "pipe"] });
  child.stdin.end(input);
  let errors = "";
  child.stderr.on("data", (data: Buffer) => (errors = `${errors}${String(data)}`.slice(-2000)));
  const remove = (): void => {
    if (ca !== undefined) rmSync(ca, { recursive: true, force: true });
  };
  child.once("error", remove).once("close", remove);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  if (code !== 0) throw new UserError("bench", `${tool} ended with ${code ?? "a signal"}:\n${errors}`);
}

/** A folder with the file that libpq wants; none for a plain connection. */
function writeAuthorities({ ca }: Connection): string | undefined {
  if (ca === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "ecosphere-bench-ca-"));
  writeFileSync(join(folder, "ca.pem"), ca);
  return folder;
}
