import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeCa } from "../../lib/ca-file.ts";
import { tlsFiles } from "../../lib/cluster-config/certificates.ts";
import { postgresPort } from "../../lib/cluster-config/topology.ts";
import { addressesOf, withClient, type Connection } from "../../lib/connection.ts";
import { connectDocker } from "../../lib/docker.ts";
import { UserError } from "../../lib/errors.ts";
import { projectRoot } from "../../lib/paths.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import { onPath } from "../../toolchain/installed.ts";
import { ensurePulumi } from "../../toolchain/toolchain.ts";
import { runProgram } from "../stack/run-program.ts";
import { readOutputs } from "../stack/stack-state.ts";

/** `./ecosphere psql [rw|ro] [-- ARGS]`: psql of this machine, else the one in a container. */
export async function psql(stack: string, endpoint: string, args: readonly string[]): Promise<number> {
  if (endpoint !== "rw" && endpoint !== "ro") {
    throw new UserError(
      "usage",
      `"${endpoint}" is no endpoint for psql`,
      "Give rw or ro; psql's own arguments follow --, for instance: ./ecosphere psql ro -- -c 'SELECT 1'",
    );
  }
  await ensurePulumi();
  const outputs = await readOutputs(stack);
  const connection = connectionTo(outputs, endpoint, endpoint === "rw" ? "app" : "reporting");
  const [native] = onPath("psql");
  return native === undefined
    ? inContainer(stack, outputs, endpoint, args)
    : onHost(stack, native, connection, args);
}

/** The lines of a password file, one for each way to the server. */
export function passwordLine({ database, user, password, ...where }: Connection): string {
  const escape = (text: string): string => text.replaceAll(/[\\:]/g, (character) => `\\${character}`);
  return addressesOf(where)
    .map(({ host, port }) => `${[host, String(port), database, user, password].map(escape).join(":")}\n`)
    .join("");
}

/** What psql is told of a connection; the password is not among it. */
export function psqlArguments({ database, user, ...where }: Omit<Connection, "password">): string[] {
  const addresses = addressesOf(where);
  const [hosts, ports] = [addresses.map(({ host }) => host), addresses.map(({ port }) => port)];
  const place = ["--host", hosts.join(","), "--port", ports.join(",")];
  return [...place, "--username", user, "--dbname", database, "--no-password"];
}

/** The variables by which psql verifies the server of a stack with TLS. */
export function verification({ ca }: Pick<Connection, "ca">, caFile: string): Record<string, string> {
  return ca === undefined ? {} : { PGSSLMODE: "verify-full", PGSSLROOTCERT: caFile };
}

/** The variables of libpq that do not say where to connect to, as whom and how. */
const harmless: ReadonlySet<string> = new Set(
  ["APPNAME", "CLIENTENCODING", "CONNECT_TIMEOUT", "DATESTYLE", "GEQO", "LOCALEDIR", "TZ"].map(
    (name) => `PG${name}`,
  ),
);

/** Without the user's own connection: a PGPASSWORD or a PGSERVICE would override the stack's. */
export function withoutConnection(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^PG[A-Z]/.test(name) || harmless.has(name));
  return Object.fromEntries(kept);
}

async function onHost(
  stack: string,
  program: string,
  connection: Connection,
  args: readonly string[],
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "ecosphere-psql-"));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", remove);
  try {
    const file = join(folder, "pgpass");
    writeFileSync(file, passwordLine(connection), { mode: 0o600 });
    const caFile = connection.ca === undefined ? "" : writeCa(stack, connection.ca);
    const { code } = await runProgram(program, [...psqlArguments(connection), ...args], {
      // Files that the user names are where the command was typed.
      cwd: process.env["ECOSPHERE_CWD"] ?? projectRoot,
      env: { ...withoutConnection(process.env), PGPASSFILE: file, ...verification(connection, caFile) },
      interruption: "reaches",
    });
    return code;
  } finally {
    remove();
  }
}

/** Through the primary's own container for rw, a replica's for ro. */
async function inContainer(
  stack: string,
  outputs: StackOutputs,
  endpoint: "rw" | "ro",
  args: readonly string[],
): Promise<number> {
  const [docker] = onPath("docker");
  if (docker === undefined) {
    throw new UserError(
      "no-psql",
      "neither psql nor docker is installed",
      "Install psql (postgresql-client).",
    );
  }
  const name = await instanceFor(outputs, endpoint);
  const filters = JSON.stringify({ label: [`ecosphere.stack=${stack}`, `ecosphere.part=${name}`] });
  const [container] = await (await connectDocker()).listContainers({ filters });
  if (!container)
    throw new UserError("not-running", `the container of ${name} does not run`, "Run ./ecosphere up.");
  const login = outputs.credentials[endpoint === "rw" ? "app" : "reporting"];
  const connection = { host: "127.0.0.1", port: postgresPort, database: outputs.rw.database, ...login };
  const file = `/tmp/pgpass-${randomBytes(6).toString("hex")}`;
  const run = (options: readonly string[], command: readonly string[], input?: string) =>
    runProgram(docker, ["exec", ...options, container.Id, ...command], {
      cwd: projectRoot,
      env: process.env,
      interruption: "reaches",
      ...(input === undefined ? {} : { input }),
    });
  // Into the container's own memory, through stdin.
  const write = ["sh", "-c", 'umask 077 && cat > "$1"', "sh", file];
  const written = await run(["--interactive"], write, passwordLine(connection));
  if (written.code !== 0) return written.code;
  try {
    const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--tty"] : [];
    const variables = { PGPASSFILE: file, ...verification(outputs, tlsFiles.ca) };
    const env = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const { code } = await run(
      ["--interactive", ...terminal, ...env],
      ["psql", ...psqlArguments(connection), ...args],
    );
    return code;
  } finally {
    await run([], ["rm", "-f", file]);
  }
}

/** The instance that has the endpoint's role; for ro, without a replica, the primary. */
async function instanceFor(outputs: StackOutputs, endpoint: "rw" | "ro"): Promise<string> {
  const roles = await Promise.all(
    outputs.instances.map(async ({ name }) => {
      const connection = connectionTo(outputs, { instance: name }, "monitoring");
      const isReplica = await withClient(connection, "ecosphere-psql", async (client) => {
        const { rows } = await client.query<{ replica: boolean }>("SELECT pg_is_in_recovery() AS replica");
        return rows[0]?.replica;
      }).catch(() => undefined);
      return { name, isReplica };
    }),
  );
  const primary = roles.find(({ isReplica }) => isReplica === false);
  const found = endpoint === "rw" ? primary : (roles.find(({ isReplica }) => isReplica) ?? primary);
  if (!found) {
    throw new UserError("no-instance", `no instance answers for ${endpoint}`, "See ./ecosphere status.");
  }
  return found.name;
}
