import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "../../lib/connection.ts";
import { UserError } from "../../lib/errors.ts";
import { imageName } from "../../lib/images.ts";

const caInside = "/tmp/ca.pem";

/**
 * Runs psql or pgbench of the stack's own image against a database; standard input is `input`, if any. (Those that the
 * package registries have were compiled without TLS.) The container takes a third of a second to start.
 * @param files a folder that it sees under the same path
 */
export async function runPostgresTool(
  tool: "psql" | "pgbench",
  args: readonly string[],
  connection: Connection,
  input = "",
  files?: string,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ecosphere-bench-"));
  const variables: Record<string, string> = {
    PGHOST: connection.host,
    PGPORT: String(connection.port),
    PGUSER: connection.user,
    PGDATABASE: connection.database,
    PGPASSWORD: connection.password,
  };
  const mounts = files === undefined ? [] : ["--volume", `${files}:${files}:ro`];
  if (connection.ca !== undefined) {
    writeFileSync(join(folder, "ca.pem"), connection.ca);
    mounts.push("--volume", `${join(folder, "ca.pem")}:${caInside}:ro`);
    Object.assign(variables, { PGSSLMODE: "verify-full", PGSSLROOTCERT: caInside });
  }
  // By name alone: their values are in the client's environment.
  const names = Object.keys(variables).flatMap((name) => ["--env", name]);
  const run = [
    "run",
    "--rm",
    "--interactive",
    "--network",
    "host",
    // Who reads the files on this host reads them in there.
    "--user",
    String(process.getuid?.() ?? 0),
    ...mounts,
    ...names,
    imageName("postgres"),
  ];
  const env = { ...process.env, ...variables };
  try {
    const child = spawn("docker", [...run, tool, ...args], { env, stdio: ["pipe", "ignore", "pipe"] });
    child.stdin.end(input);
    let errors = "";
    child.stderr.on("data", (data: Buffer) => (errors = `${errors}${String(data)}`.slice(-2000)));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("close", resolve);
    });
    if (code !== 0) throw new UserError("bench", `${tool} ended with ${code ?? "a signal"}:\n${errors}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
