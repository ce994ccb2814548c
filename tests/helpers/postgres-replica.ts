import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { withClient, type Connection } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import { imageName } from "../../lib/images.ts";
import { eventually } from "../../lib/poll.ts";
import { testLabel, type PostgresServer } from "./postgres-server.ts";
import { within } from "./timeouts.ts";

const run = promisify(execFile);

/** A streaming replica of a test server, in a container of its own. */
export interface PostgresReplica extends AsyncDisposable {
  readonly container: string;
  readonly superuser: Connection;
  /** Waits until it has replayed all that the primary has written so far. */
  caughtUp(): Promise<void>;
}

/** @param name what it calls itself to the primary (application_name) */
export async function startReplica(primary: PostgresServer, name: string): Promise<PostgresReplica> {
  const id = randomBytes(5).toString("hex");
  const network = `ecosphere-test-net-${id}`;
  const container = `ecosphere-test-replica-${id}`;
  await run("docker", ["network", "create", "--label", testLabel, network]);
  const remove = async (): Promise<void> => {
    await run("docker", ["rm", "--force", "--volumes", container]).catch(() => undefined);
    await run("docker", ["network", "disconnect", "--force", network, primary.container]).catch(
      () => undefined,
    );
    await run("docker", ["network", "rm", network]);
  };
  try {
    await run("docker", ["network", "connect", network, primary.container]);
    const format = `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`;
    const { stdout: address } = await run("docker", ["inspect", "--format", format, primary.container]);
    const script = `
      set -e
      until [ -s /tmp/passfile ]; do sleep 0.05; done
      pg_basebackup --dbname="$1" --pgdata=/data/postgres --checkpoint=fast --wal-method=stream --write-recovery-conf --no-sync
      exec postgres -D /data/postgres -c listen_addresses='*' -c fsync=off -c hot_standby=on`;
    const conninfo = `host=${address.trim()} user=${primary.superuser.user} passfile=/tmp/passfile application_name=${name}`;
    await run("docker", [
      ...["run", "--detach", "--name", container, "--label", testLabel, "--network", network],
      ...["--publish", "127.0.0.1:0:5432", "--tmpfs", "/tmp:mode=1777"],
      ...["--tmpfs", "/data/postgres:uid=999,gid=999,mode=700", "--tmpfs", "/run/postgresql:uid=999,gid=999"],
      ...[imageName("postgres"), "bash", "-c", script, "replica", conninfo],
    ]);
    await sendPassword(container, primary.superuser.password);
    const { stdout } = await run("docker", ["port", container, "5432/tcp"]);
    const superuser = { ...primary.superuser, port: Number(/:(\d+)\s*$/m.exec(stdout)?.[1]) };
    const caughtUp = async (): Promise<void> => {
      const lsn = await ask(primary.superuser, "SELECT pg_current_wal_insert_lsn()::text");
      await eventually(
        { what: `${container} to replay ${lsn}`, withinMs: within.replicaStreaming },
        async () => {
          const reached = await ask(superuser, `SELECT (pg_last_wal_replay_lsn() >= '${lsn}')::text`);
          return reached === "true" ? true : undefined;
        },
      );
    };
    await caughtUp();
    return { container, superuser, caughtUp, [Symbol.asyncDispose]: remove };
  } catch (error) {
    const logs = await run("docker", ["logs", "--tail", "20", container]).catch(() => undefined);
    await remove();
    throw new Error(`${messageOf(error)}\n${logs?.stderr ?? ""}`, { cause: error });
  }
}

async function ask(connection: Connection, sql: string): Promise<string> {
  return withClient(connection, "ecosphere-test", async (client) => {
    const { rows } = await client.query<Record<string, string>>(sql);
    return Object.values(rows[0] ?? {})[0] ?? "";
  });
}

/** In a file of the container's own memory, so that it stands in no argument and no environment. */
function sendPassword(container: string, password: string): Promise<void> {
  const write = "umask 077; cat > /tmp/part && mv /tmp/part /tmp/passfile";
  return new Promise((resolve, reject) => {
    const child = execFile("docker", ["exec", "--interactive", container, "sh", "-c", write], (error) => {
      if (error) reject(new Error(error.message));
      else resolve();
    });
    child.stdin?.end(`*:*:*:*:${password}\n`);
  });
}
