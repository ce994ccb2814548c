import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { clientConfig, withClient } from "../../lib/connection.ts";
import { steadyPool } from "../../lib/connection-pool.ts";
import { connectDocker } from "../../lib/docker.ts";
import { projectRoot } from "../../lib/paths.ts";
import { eventually } from "../../lib/poll.ts";
import { settingDefaults } from "../../lib/settings.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import { listenOn } from "../helpers/listen-on.ts";
import { runCommand, TestStack, type Run } from "../helpers/ecosphere.ts";
import { futureObjects, strayGrants, wrongRights } from "../helpers/rights-matrix.ts";
import {
  containerIds,
  etcdctl,
  everyCheckPasses,
  outputsOf,
  previewShowsNoChange,
  refreshShowsNoChange,
  succeeds,
} from "../helpers/stack-probe.ts";
import { within } from "../helpers/timeouts.ts";
import { psqlWith, speaksVerifiedTlsAlone } from "../helpers/tls-probe.ts";

const stack = new TestStack();

const outputs = (): Promise<StackOutputs> => outputsOf(stack);

const workTree = (): Promise<Run> => runCommand(["git", "status", "--porcelain"]);

// One stack, one life: each step stands on the ones before it.
describe("a stack's life", { concurrency: false }, () => {
  let cleanBefore: string;
  let firstPreview: Run;
  let firstUp: Run;

  before(async () => {
    cleanBefore = (await workTree()).stdout;
    firstPreview = await stack.ecosphere("pulumi", "preview", "--non-interactive");
    // Somebody else has the default port, whether it is this test or another stack.
    const squatter = await listenOn(Number(settingDefaults.rwPort));
    firstUp = await stack.ecosphere("up", "--yes");
    squatter.close();
  });
  after(() => stack[Symbol.asyncDispose]());

  test("up deploys, seeds 405 rows, passes every check, and tells how to connect", () => {
    succeeds(firstUp);
    assert.match(firstUp.output, /\b405\b/);
    assert.match(
      firstUp.stdout,
      /rw\s+postgresql:\/\/app@127\.0\.0\.1:\d+,127\.0\.0\.1:\d+\/e-commerce\?target_session_attrs=read-write/,
    );
  });

  test("the first preview connects nowhere, and shows everything that will be made", () => {
    succeeds(firstPreview);
    assert.match(firstPreview.output, /\+ [12]\d\d to create/);
  });

  test("a default port that is taken is replaced by a free one", async () => {
    assert.notEqual((await outputs()).rw.port, Number(settingDefaults.rwPort));
  });

  test("every endpoint and session has TLS 1.3, verified by the stack's authority, and nothing else", async () => {
    await speaksVerifiedTlsAlone(stack, await outputs());
  });

  test("the connection string that up prints is enough for psql, with the password", async () => {
    const [, text = ""] = /^rw\s+(\S+)/m.exec(firstUp.stdout) ?? [];
    assert.match(text, /sslmode=verify-full/);
    const run = await psqlWith(
      text,
      (await outputs()).credentials.app.password,
      "SELECT count(*) FROM users",
    );
    succeeds(run);
    assert.equal(run.stdout.trim(), "50");
  });

  test("no login gets into another database than its own, nor makes a temporary table in it", async () => {
    const told = await outputs();
    for (const login of ["app", "reporting", "seeder", "monitoring"] as const) {
      const own = connectionTo(told, "rw", login);
      for (const database of ["postgres", "template1"]) {
        await assert.rejects(
          withClient({ ...own, database }, "e2e", async () => undefined),
          { code: "42501" },
        );
      }
      const temporary = withClient(own, "e2e", (client) => client.query("CREATE TEMP TABLE t (a int)"));
      await assert.rejects(temporary, { code: "42501" });
    }
  });

  test("every role may do exactly what the matrix of rights says, with what is made later too", async () => {
    const told = await outputs();
    const admin = connectionTo(told, "admin", "admin");
    await withClient(admin, "e2e", async (client) => {
      // Nothing of it stays, whatever it says.
      await client.query("BEGIN");
      await client.query(futureObjects);
      assert.deepEqual(await wrongRights(client), []);
      assert.deepEqual((await client.query(strayGrants)).rows, []);
      await client.query("ROLLBACK");
    });
  });

  test("no secret shows in what up prints, nor in the state", async () => {
    const { credentials } = await outputs();
    const state = await stack.ecosphere("pulumi", "stack", "export");
    for (const { password } of Object.values(credentials)) {
      assert.ok(!firstUp.output.includes(password));
      assert.ok(!state.stdout.includes(password));
    }
    // The head of every key, and a word of Patroni's file.
    for (const word of ["PRIVATE KEY", "bootstrap:"]) assert.ok(!state.stdout.includes(word), word);
    const shown = await stack.ecosphere("pulumi", "stack", "export", "--show-secrets");
    for (const word of ["PRIVATE KEY", "bootstrap:"]) assert.ok(shown.stdout.includes(word), word);
  });

  test("no secret shows in what Docker tells of a container", async () => {
    const { credentials } = await outputs();
    const docker = await connectDocker();
    const filters = JSON.stringify({ label: [`ecosphere.stack=${stack.name}`] });
    const containers = await docker.listContainers({ all: true, filters });
    assert.equal(containers.length, 9);
    for (const { Id } of containers) {
      const told = JSON.stringify(await docker.getContainer(Id).inspect());
      for (const { password } of Object.values(credentials)) assert.ok(!told.includes(password));
    }
  });

  test("the checks run again, for machines", async () => {
    const run = await stack.ecosphere("check", "--json");
    succeeds(run);
    const report: unknown = JSON.parse(run.stdout);
    assert.doesNotMatch(JSON.stringify(report), /"passed":false/);
  });

  test("a shop's question is answered by name, for machines", async () => {
    const run = await stack.ecosphere("query", "customer-history", "--json");
    succeeds(run);
    assert.match(run.stdout, /"order_price"/);
  });

  test("adopt writes the program for the database, without a password", async () => {
    const run = await stack.ecosphere("adopt", "--schema", "shop");
    succeeds(run);
    for (const id of ["shop.users", "shop.users_2024", "shop.orders"]) {
      assert.ok(run.stdout.includes(`import: "${id}"`), id);
    }
    for (const { password } of Object.values((await outputs()).credentials)) {
      assert.ok(!run.output.includes(password));
    }
  });

  test("three instances hold the same rows: one primary, two replicas", async () => {
    const told = await outputs();
    const states = await Promise.all(
      told.instances.map(({ name }) =>
        withClient(connectionTo(told, { instance: name }, "reporting"), "e2e", async (client) => {
          const { rows } = await client.query<{ replica: boolean; users: number }>(
            "SELECT pg_is_in_recovery() AS replica, (SELECT count(*)::int FROM shop.users) AS users",
          );
          return rows[0];
        }),
      ),
    );
    assert.deepEqual(
      states.map((state) => state?.users),
      [50, 50, 50],
    );
    assert.equal(states.filter((state) => state?.replica).length, 2);
  });

  test("a preview straight after shows no change, and so does a refresh", async () => {
    await previewShowsNoChange(stack);
    await refreshShowsNoChange(stack);
  });

  test("a second up changes nothing, keeps the ports, and leaves the rows alone", async () => {
    const ids = await containerIds(stack);
    const { rw } = await outputs();
    const run = await stack.ecosphere("up", "--yes");
    succeeds(run);
    assert.doesNotMatch(run.output, /\d+ (created|updated|replaced|deleted)\b/);
    assert.doesNotMatch(run.output, /warning/, "nobody has changed anything by hand");
    assert.deepEqual(await containerIds(stack), ids);
    assert.deepEqual((await outputs()).rw, rw);
  });

  test("check fails when rows are missing, and a seed with --reset mends it", async () => {
    const told = await outputs();
    await withClient(connectionTo(told, "admin", "seeder"), "e2e", (client) =>
      client.query("TRUNCATE shop.shipping"),
    );
    const failing = await stack.ecosphere("check");
    assert.equal(failing.code, 1, failing.output);
    assert.match(failing.output, /shipping/);
    succeeds(await stack.ecosphere("seed", "--reset", "--yes"));
    succeeds(await stack.ecosphere("check"));
  });

  test("plain pulumi works on it, with the exports of env", async () => {
    const script = `eval "$(./ecosphere env --stack ${stack.name})" && pulumi preview --expect-no-changes --non-interactive`;
    succeeds(await runCommand(["bash", "-c", script]));
  });

  test("a removed container, a stopped one, and etcd's users are brought back by plain pulumi up", async () => {
    const docker = await connectDocker();
    assert.match(await etcdctl(stack, "auth", "status"), /Authentication Status: true/);
    assert.deepEqual((await etcdctl(stack, "user", "list")).trim().split("\n"), [
      "patroni",
      "root",
      "sentinel",
    ]);
    await etcdctl(stack, "auth", "disable");
    await etcdctl(stack, "user", "delete", "sentinel");
    await docker.getContainer(`ecosphere-${stack.name}-pg-3`).remove({ force: true });
    await docker.getContainer(`ecosphere-${stack.name}-etcd-1`).stop();
    const script = `eval "$(./ecosphere env --stack ${stack.name})" && pulumi up --yes --non-interactive`;
    const run = await runCommand(["bash", "-c", script]);
    succeeds(run);
    assert.match(await etcdctl(stack, "auth", "status"), /Authentication Status: true/);
    assert.match(await etcdctl(stack, "user", "get", "sentinel"), /Roles: sentinel/);
    const check = await stack.ecosphere("check");
    succeeds(check);
  });

  test("without its first proxy the stack is used by the second, and up brings the first back", async () => {
    const docker = await connectDocker();
    const proxy = docker.getContainer(`ecosphere-${stack.name}-proxy-1`);
    // The sentinel starts what was killed, and leaves alone what somebody has stopped.
    await proxy.stop();
    for (const endpoint of ["rw", "ro"]) {
      const run = await stack.ecosphere("psql", endpoint, "--", "--command", "SELECT count(*) FROM users");
      succeeds(run);
      assert.match(run.stdout, /\b50\b/);
    }
    succeeds(await stack.ecosphere("check"));
    assert.equal((await proxy.inspect()).State.Running, false);
    succeeds(await stack.ecosphere("up", "--yes"));
    assert.equal((await proxy.inspect()).State.Running, true);
  });

  test("a switchover is seen by no client of rw: no error, and every row that was acknowledged is there", async () => {
    const stackOutputs = await outputs();
    const pool = steadyPool({ ...clientConfig(connectionTo(stackOutputs, "rw", "app"), "e2e"), max: 4 });
    const acknowledged: string[] = [];
    const failures: unknown[] = [];
    let isOver = false;
    const write = async (): Promise<void> => {
      while (!isOver) {
        const name = `switchover ${acknowledged.length} ${Math.random()}`;
        try {
          await pool.query("INSERT INTO categories (category_name) VALUES ($1)", [name]);
          acknowledged.push(name);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const writers = [write(), write(), write(), write()];
    const run = await stack.ecosphere("switchover");
    isOver = true;
    await Promise.all(writers);
    succeeds(run);
    assert.match(run.output, /pg-\d is the primary now, in place of pg-\d/);
    assert.deepEqual(failures, []);
    const { rows } = await pool.query<{ name: string }>(
      "DELETE FROM categories WHERE category_name LIKE 'switchover %' RETURNING category_name AS name",
    );
    await pool.end();
    assert.ok(acknowledged.length > 0);
    assert.deepEqual(rows.map(({ name }) => name).sort(), acknowledged.sort());
    const again = await stack.ecosphere("switchover", "--to", "pg-9");
    assert.equal(again.code, 1);
    assert.match(again.output, /no instance is called "pg-9"/);
  });

  test("a proxy whose pooler dies is started again as a whole", async () => {
    const docker = await connectDocker();
    const proxy = docker.getContainer(`ecosphere-${stack.name}-proxy-2`);
    const before = (await proxy.inspect()).State.StartedAt;
    succeeds(await runCommand(["docker", "exec", proxy.id, "bash", "-c", "kill -9 $(pgrep -o pgbouncer)"]));
    await eventually({ what: "the proxy to start again", withinMs: within.clusterRecovered }, async () => {
      const { Running: isRunning, StartedAt: started } = (await proxy.inspect()).State;
      return isRunning && started !== before ? true : undefined;
    });
    succeeds(await stack.ecosphere("psql", "--", "--command", "SELECT 1"));
  });

  test("all containers killed, the sentinel brings the others back", async () => {
    const docker = await connectDocker();
    const sentinel = docker.getContainer(`ecosphere-${stack.name}-sentinel`);
    const { Id: own } = await sentinel.inspect();
    await sentinel.kill();
    for (const id of await containerIds(stack)) if (id !== own) await docker.getContainer(id).kill();
    await sentinel.start();
    await everyCheckPasses(stack);
  });

  test("every command of the README that reads works as it stands there", async () => {
    const readme = readFileSync(join(projectRoot, "README.md"), "utf8");
    const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
      .flatMap(([, block = ""]) => block.split("\n"))
      .map((line) => line.replace(/\s+#.*$/, "").trim())
      .filter((line) => /^\.\/ecosphere (psql|pulumi|status|check|logs|doctor|env)/.test(line));
    assert.ok(commands.length >= 3, `README has ${commands.length} such commands`);
    for (const command of commands) {
      const [before = "", after] = command.split(" -- ");
      const whole = `${before} --stack ${stack.name}${after === undefined ? "" : ` -- ${after}`}`;
      const run = await runCommand(["bash", "-c", whole]);
      assert.equal(run.code, 0, `${command}\n${run.output}`);
    }
  });

  test("status names every part, the primary, and the endpoints", async () => {
    const run = await stack.ecosphere("status");
    succeeds(run);
    for (const part of [
      "pg-1",
      "pg-2",
      "pg-3",
      "etcd-1",
      "etcd-2",
      "etcd-3",
      "proxy-1",
      "proxy-2",
      "primary",
      "rw",
    ]) {
      assert.ok(run.stdout.includes(part), `${part} is missing:\n${run.stdout}`);
    }
  });

  test("a database that is there, but not in the state, is taken over by up, which says so", async () => {
    const told = await outputs();
    await withClient(connectionTo(told, "admin", "admin"), "e2e", async (client) => {
      await client.query("SET ROLE commerce_owner");
      await client.query("DROP SCHEMA shop, seed CASCADE");
    });
    const database = `urn:pulumi:${stack.name}::ecosphere::ecosphere:commerce:Database$postgresql:index/database:Database::commerce-e-commerce`;
    succeeds(
      await stack.ecosphere("pulumi", "state", "delete", database, "--target-dependents", "--force", "--yes"),
    );
    const run = await stack.ecosphere("up", "--yes");
    succeeds(run);
    assert.match(run.output, /exists already: it is taken over/);
    assert.match(run.output, /Wrote 405 rows/);
    await previewShowsNoChange(stack);
  });

  test("the work tree is as clean as before", async () => {
    assert.equal((await workTree()).stdout, cleanBefore);
  });

  test("a protected stack refuses destroy, and names what unprotects it", async () => {
    const refused = await stack.ecosphere("destroy", "--yes");
    assert.equal(refused.code, 1, refused.output);
    assert.match(refused.output, /is protected/);
    assert.match(refused.output, /pulumi config set protect false/);
    assert.equal((await containerIds(stack)).length, 9);
  });

  test("unprotected, plain pulumi destroy takes it away with its rows, and up brings it back", async () => {
    succeeds(await stack.ecosphere("pulumi", "config", "set", "protect", "false"));
    succeeds(await stack.ecosphere("up", "--yes"));
    const script = `eval "$(./ecosphere env --stack ${stack.name})" && pulumi destroy --yes --non-interactive`;
    succeeds(await runCommand(["bash", "-c", script]));
    assert.deepEqual(await containerIds(stack), []);
    const again = await stack.ecosphere("up", "--yes");
    succeeds(again);
    assert.match(again.output, /Wrote 405 rows/);
  });

  test("with the database down it is destroyed whole; nothing is left", async () => {
    const docker = await connectDocker();
    // The sentinel first: it would start the others.
    for (const part of ["sentinel", "pg-1", "pg-2", "pg-3"]) {
      await docker.getContainer(`ecosphere-${stack.name}-${part}`).kill();
    }
    succeeds(await stack.ecosphere("destroy", "--yes"));
    assert.deepEqual(await stack.leftovers(), []);
  });
});
