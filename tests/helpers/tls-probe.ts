import assert from "node:assert/strict";
import { rootCertificates, type ConnectionOptions } from "node:tls";
import { Client } from "pg";
import { clientConfig, tlsOptions, withClient } from "../../lib/connection.ts";
import { imageName } from "../../lib/images.ts";
import { projectRoot } from "../../lib/paths.ts";
import { connectionTo, type LoginName, type StackOutputs } from "../../lib/stack-outputs.ts";
import { runCommand, type Run, type TestStack } from "./ecosphere.ts";

type Place = Parameters<typeof connectionTo>[1];

/** Fails unless each endpoint, instance and session of a stack does. */
export async function speaksVerifiedTlsAlone(stack: TestStack, outputs: StackOutputs): Promise<void> {
  await takesVerifiedTlsAlone(outputs, "rw", "app");
  await takesVerifiedTlsAlone(outputs, "ro", "reporting");
  await takesVerifiedTlsAlone(outputs, "admin", "admin");
  for (const { name } of outputs.instances) {
    await takesVerifiedTlsAlone(outputs, { instance: name }, "monitoring");
  }
  await answersPartsAlone(stack, "proxy-1", ["pg-1", 8008, "/liveness"]);
  await answersPartsAlone(stack, "pg-1", ["etcd-1", 2379, "/health"], "etcd");
  const sessions = await sessionsOf(outputs);
  // Those of PgBouncer and of the replicas among them.
  assert.ok(sessions.some(({ user }) => user === "app" || user === "pgbouncer"));
  assert.equal(sessions.filter(({ user }) => user === "replicator").length, outputs.instances.length - 1);
  for (const { user, version, dn } of sessions) {
    assert.equal(version, "TLSv1.3", user);
    if (user === "replicator") assert.match(dn ?? "", /\/CN=pg-\d+(\/|$)/);
  }
}

/** psql of PostgreSQL 17 on this host's network, with nothing but a connection string, the file in it and the password. */
export async function psqlWith(text: string, password: string, sql: string): Promise<Run> {
  const file = new URLSearchParams(text.split("?")[1]).get("sslrootcert") ?? "";
  const run = ["docker", "run", "--rm", "--network", "host", "--volume", `${file}:${file}:ro`];
  const psql = ["psql", text, "-X", "-A", "-t", "-c", sql];
  const env = { ...process.env, PGPASSWORD: password };
  return runCommand([...run, "--env", "PGPASSWORD", imageName("postgres"), ...psql], projectRoot, env);
}

/** Fails unless an endpoint takes TLS 1.3, verified by the stack's authority, and nothing else. */
async function takesVerifiedTlsAlone(outputs: StackOutputs, where: Place, who: LoginName): Promise<void> {
  const connection = connectionTo(outputs, where, who);
  const { ca, host } = connection;
  assert.ok(ca !== undefined);
  const own = tlsOptions(ca, host);
  const name = JSON.stringify(where);
  await connectsWith(own);
  await assert.rejects(connectsWith(false), /SSL required|no encryption/, `${name}, plain`);
  // Somebody who is believed elsewhere.
  const others = { ...own, ca: rootCertificates[0] };
  await assert.rejects(connectsWith(others), /certificate/, `${name}, another authority`);
  await assert.rejects(
    connectsWith({ ...own, host: "pg-9.example" }),
    { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    `${name}, another name`,
  );
  const older: ConnectionOptions = { ...own, minVersion: "TLSv1.2", maxVersion: "TLSv1.2" };
  await assert.rejects(connectsWith(older), /protocol version|TLS|ECONNRESET/, `${name}, TLS 1.2`);

  async function connectsWith(ssl: ConnectionOptions | false): Promise<void> {
    const client = new Client({ ...clientConfig(connection, "e2e"), ssl });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query("SELECT 1");
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** By which protocol PostgreSQL itself is spoken with, and by whose certificate if any: of all sessions by TCP. */
async function sessionsOf(
  outputs: StackOutputs,
): Promise<
  readonly { readonly user: string; readonly version: string | null; readonly dn: string | null }[]
> {
  return withClient(connectionTo(outputs, "admin", "monitoring"), "e2e", async (client) => {
    const { rows } = await client.query<{ user: string; version: string | null; dn: string | null }>(
      `SELECT usename AS "user", version, client_dn AS dn
         FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE client_addr IS NOT NULL`,
    );
    return rows;
  });
}

/**
 * Fails unless a port inside the stack's networks answers to the stack's own parts by TLS 1.3, and to nobody else.
 * @param own which of its certificates the part shows: that for etcd, or that for all others
 */
async function answersPartsAlone(
  stack: TestStack,
  from: string,
  [host, port, path]: readonly [host: string, port: number, path: string],
  own: "etcd" | "" = "",
): Promise<void> {
  const ask = async (client: string): Promise<string> => {
    const script = `printf 'GET %s HTTP/1.0\\r\\n\\r\\n' "$1" | timeout 5 ${client} 2>&1`;
    const container = `ecosphere-${stack.name}-${from}`;
    return (await runCommand(["docker", "exec", container, "bash", "-c", script, "bash", path])).stdout;
  };
  const [ca, identity] = own === "etcd" ? ["etcd", "etcd"] : ["ca", "tls"];
  const files = `-CAfile /etc/ecosphere/${ca}.pem -cert /etc/ecosphere/${identity}.pem -key /etc/ecosphere/${identity}.pem`;
  assert.match(await ask(`tls-client ${host} ${port} ${own}`), /^HTTP\/1\.\d 200/, host);
  for (const client of [
    `openssl s_client -quiet -connect ${host}:${port}`,
    `openssl s_client -quiet -tls1_2 -connect ${host}:${port} ${files}`,
    `bash -c 'exec 3<>/dev/tcp/${host}/${port}; cat >&3; cat <&3'`,
  ]) {
    assert.doesNotMatch(await ask(client), /^HTTP\/1\.\d 200/m, client);
  }
}
