import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { withClient } from "../../lib/connection.ts";
import { imageName } from "../../lib/images.ts";
import { eventually } from "../../lib/poll.ts";
import { ecosphereProvider } from "../../provider/ecosphere/provider.ts";
import type { Properties } from "../../provider/host/values.ts";
import { startPostgres, testLabel, type PostgresServer } from "../helpers/postgres-server.ts";
import { connectProvider, type ProviderClient, type ResourceClient } from "../helpers/provider-client.ts";
import { within } from "../helpers/timeouts.ts";

const run = promisify(execFile);
const password = `secret-${randomBytes(8).toString("hex")}`;

describe("Gate before a real server", () => {
  let server: PostgresServer;
  let client: ProviderClient;
  let gate: ResourceClient;

  before(async () => {
    server = await startPostgres(["synchronous_commit=on"]);
    client = await connectProvider(ecosphereProvider, {});
    gate = client.resource("ecosphere:index:Gate", "shop");
    // The one that is never a superuser, as in a cluster; `blind` lacks pg_monitor.
    await execute(`CREATE ROLE keeper LOGIN PASSWORD '${password}' IN ROLE pg_monitor`);
    await execute(`CREATE ROLE blind LOGIN PASSWORD '${password}'`);
  });
  after(async () => {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const execute = (sql: string): Promise<unknown> =>
    withClient(server.superuser, "ecosphere-test", async (connection) => {
      // Set-up must get through while the server waits for replicas that do not exist.
      await connection.query("SET synchronous_commit = local");
      return connection.query(sql);
    });
  const inputs = (more: Properties = {}): Properties => ({
    ...{ containers: [server.container], host: "127.0.0.1", adminPorts: [server.superuser.port] },
    ...{ username: "keeper", password, replicas: 0, members: ["pg-1", "pg-2"], timeoutSeconds: 1 },
    ...more,
  });
  const refusal = async (wanted: Properties): Promise<string> => {
    const error: unknown = await gate.make(wanted).then(
      () => assert.fail("the gate opened"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof Error);
    assert.ok(!error.message.includes(password));
    return error.message;
  };

  test("opens for a server that takes writes, and hands on host and port", async () => {
    const { outputs } = await gate.make(inputs());
    assert.equal(outputs["host"], "127.0.0.1");
    assert.equal(outputs["port"], server.superuser.port);
  });

  test("stays shut without the replica, and names who is there and how its containers are", async () => {
    const message = await refusal(inputs({ replicas: 1 }));
    assert.match(message, /0 of 1 replicas streaming; the instances are pg-1, pg-2/);
    assert.match(message, /All its containers are running/);
    assert.match(message, /\.\/ecosphere up/);
  });

  test("opens as soon as the replica streams, and tells a role that may not see it", async () => {
    const waiting = gate.make(inputs({ replicas: 1, timeoutSeconds: 30 }));
    await using replica = await stream(server, "pg-2");
    await waiting;
    const message = await refusal(inputs({ replicas: 2 }));
    assert.ok(message.includes(`1 of 2 replicas streaming (${replica.name})`), message);
    assert.match(await refusal(inputs({ replicas: 1, username: "blind" })), /blind lacks pg_monitor/);
  });

  test("a base backup under way is no replica", async () => {
    await using copy = await stream(server, "pg_basebackup");
    const message = await refusal(inputs({ replicas: 1 }));
    assert.match(message, /0 of 1 replicas streaming/);
    assert.ok(!message.includes(copy.name));
  });

  test("stays shut while a commit waits for a synchronous replica", async () => {
    await execute(`ALTER SYSTEM SET synchronous_standby_names = '"pg-2"'`);
    await execute("SELECT pg_reload_conf()");
    try {
      await eventually({ what: "the reload", withinMs: within.lockSeen }, async () => {
        const message = await refusal(inputs());
        return /not committed: no synchronous replica/.test(message) ? true : undefined;
      });
      await using replica = await stream(server, "pg-2");
      await gate.make(inputs({ replicas: 1, members: [replica.name], timeoutSeconds: 30 }));
    } finally {
      await execute("ALTER SYSTEM RESET synchronous_standby_names");
      await execute("SELECT pg_reload_conf()");
    }
  });

  test("says that a password is wrong, without showing it", async () => {
    const message = await refusal(inputs({ password: `${password}x` }));
    assert.match(message, /password authentication failed for user "keeper"/);
  });

  test("a paused server does not answer, and an update of the gate says so too", async () => {
    const made = await gate.make(inputs());
    await server.pause();
    try {
      const message = await refusal(inputs());
      assert.match(message, /does not answer|timeout/);
      assert.match(message, new RegExp(`${server.container} is paused`));
      await assert.rejects(
        gate.update(made.id, made, { ...made.inputs, containers: ["another"] }),
        /not ready[^]*container another does not exist any more/,
      );
    } finally {
      await server.resume();
    }
  });

  test("shows the last lines of a container that has stopped, without the password", async () => {
    const container = `ecosphere-test-gate-${randomBytes(5).toString("hex")}`;
    const script = `for i in 1 2 3 4 5 6; do echo line $i; done; echo "told ${password}"; exit 3`;
    const start = ["run", "--name", container, "--label", testLabel, imageName("postgres")];
    await assert.rejects(run("docker", [...start, "bash", "-c", script]));
    try {
      const message = await refusal(inputs({ containers: [container], replicas: 1 }));
      assert.match(message, new RegExp(`${container} is exited \\(exit code 3\\); its last lines:`));
      assert.match(message, /line 3\n[^]*line 6\n[^]*told \*\*\*/);
      assert.doesNotMatch(message, /line 2/);
    } finally {
      await run("docker", ["rm", "--force", container]);
    }
  });
});

/** Streams the WAL as a replica of that name does, and confirms what it has written, until disposed. */
async function stream(
  server: PostgresServer,
  applicationName: string,
): Promise<AsyncDisposable & { readonly name: string }> {
  const { password: superuserPassword, user } = server.superuser;
  const mark = `stream-${randomBytes(4).toString("hex")}`;
  const script = `
    read -r PGPASSWORD; export PGPASSWORD
    mkdir /tmp/${mark}
    exec pg_receivewal --directory /tmp/${mark} --synchronous --no-loop \\
      --dbname 'host=127.0.0.1 user=${user} application_name=${applicationName}'`;
  const child = execFile("docker", ["exec", "--interactive", server.container, "bash", "-c", script]);
  child.stdin?.end(`${superuserPassword}\n`);
  const backends = (): Promise<number[]> =>
    withClient(server.superuser, "ecosphere-test", async (client) => {
      const sql = "SELECT pid FROM pg_stat_replication WHERE application_name = $1 AND state = 'streaming'";
      return (await client.query<{ pid: number }>(sql, [applicationName])).rows.map(({ pid }) => pid);
    });
  await eventually({ what: `${applicationName} to stream`, withinMs: within.replicaStreaming }, async () =>
    (await backends()).length > 0 ? true : undefined,
  );
  return {
    name: applicationName,
    [Symbol.asyncDispose]: async () => {
      // Killing the client of `docker exec` would leave the process in the container.
      await run("docker", ["exec", server.container, "pkill", "-f", mark]).catch(() => undefined);
      await eventually({ what: `${applicationName} to go`, withinMs: within.lockSeen }, async () =>
        (await backends()).length === 0 ? true : undefined,
      );
    },
  };
}
