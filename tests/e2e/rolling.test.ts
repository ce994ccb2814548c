import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { withClient } from "../../lib/connection.ts";
import { connectDocker } from "../../lib/docker.ts";
import { projectRoot } from "../../lib/paths.ts";
import { eventually } from "../../lib/poll.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import { runCommand, TestStack, type Run } from "../helpers/ecosphere.ts";
import { freePorts } from "../helpers/ports-in-a-row.ts";
import { Newcomers } from "../helpers/newcomers.ts";
import { Load, type LoadResult } from "../helpers/load.ts";
import { servedCertificate } from "../helpers/served-certificate.ts";
import {
  asSuperuser,
  everyCheckPasses,
  previewShowsNoChange,
  primaryOf,
  onlyNewPasswordsWork,
  outputsOf,
  succeeds,
} from "../helpers/stack-probe.ts";
import { within } from "../helpers/timeouts.ts";

const stack = new TestStack();
const instances = ["pg-1", "pg-2", "pg-3"];

const outputs = (): Promise<StackOutputs> => outputsOf(stack);

async function configure(key: string, value: string): Promise<void> {
  succeeds(await stack.ecosphere("pulumi", "config", "set", key, value));
}

/** Without the checks that end `./ecosphere up`: they compare rows, and these change all the time. */
const pulumiUp = (...args: readonly string[]): Promise<Run> =>
  stack.ecosphere("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", ...args);

/** No client has seen an error, and nothing that was acknowledged is gone. */
function isUnharmed(load: LoadResult): void {
  assert.deepEqual({ errors: load.errors, lost: load.lost }, { errors: [], lost: [] });
  assert.ok(load.acknowledged > 0 && load.readings > 0);
}

// One stack, one life: each step stands on the ones before it.
describe("planned changes under load", { concurrency: false }, () => {
  before(async () => {
    // Or it could not be taken away at the end.
    await configure("protect", "false");
    succeeds(await stack.ecosphere("up", "--yes"));
  });
  after(() => stack[Symbol.asyncDispose]());

  test("containers that change are replaced one by one, the primary last, after it has handed over", async () => {
    const stackOutputs = await outputs();
    const primary = (await primaries(stackOutputs)).join();
    const load = new Load(stackOutputs);
    await using watch = await watchContainers();
    await configure("instancePort", String(await freePorts(instances.length)));
    const run = await pulumiUp();
    const result = await load.end();
    succeeds(run);
    isUnharmed(result);
    assert.deepEqual(watch.replaced().toSorted(), instances);
    assert.equal(watch.replaced().at(-1), primary);
    assert.equal(watch.mostAway(), 1);
    assert.match(run.output, new RegExp(`pg-\\d is the primary now, in place of ${primary}`));
    await previewShowsNoChange(stack);
  });

  test("renewed certificates are shown by everybody, and nobody has restarted or seen an error", async () => {
    const stackOutputs = await outputs();
    const starts = await startTimes(stackOutputs);
    const containers = await startedContainers();
    const serials = await servedCertificates(stackOutputs);
    const load = new Load(stackOutputs);
    // As an update in their last third would.
    const run = await pulumiUp("--replace", "**LocallySignedCert::**");
    await eventually({ what: "the new certificates", withinMs: within.clusterRecovered }, async (observe) => {
      const now = await servedCertificates(stackOutputs);
      observe(now.join(" "));
      return now.every((serial, at) => serial !== serials[at]) ? true : undefined;
    });
    const result = await load.end();
    succeeds(run);
    isUnharmed(result);
    assert.match(run.output, /14 replaced/);
    assert.deepEqual(await startTimes(stackOutputs), starts);
    assert.deepEqual(await startedContainers(), containers);
    // With Patroni's interfaces, which have to know each other.
    succeeds(await stack.ecosphere("switchover"));
  });

  test("another authority comes under load, with both believed meanwhile, and nobody sees an error", async () => {
    const before = await outputs();
    const starts = await startTimes(before);
    const load = new Load(before);
    const begun = await stack.ecosphere("rotate-authority", "--begin");
    const result = await load.end();
    succeeds(begun);
    isUnharmed(result);
    // Clients are told of both; what they believe now is enough until the end.
    const between = await outputs();
    assert.match(between.ca ?? "", /(-----BEGIN CERTIFICATE-----[^]*){2}/);
    const laterLoad = new Load(between);
    const run = await stack.ecosphere("rotate-authority");
    const laterResult = await laterLoad.end();
    succeeds(run);
    isUnharmed(laterResult);
    const after = await outputs();
    assert.deepEqual(await startTimes(after), starts);
    await servedCertificates(after);
    await assert.rejects(servedCertificates({ ...after, ca: before.ca }));
    await everyCheckPasses(stack);
    succeeds(await stack.ecosphere("switchover"));
  });

  test("new passwords for every role under load, and nobody sees an error", async () => {
    const before = await outputs();
    const containers = await startedContainers();
    const load = new Load(before);
    const newcomers = new Newcomers(before);
    const begun = await stack.ecosphere("rotate", "--all", "--begin");
    succeeds(begun);
    newcomers.tell(await outputs());
    const run = await stack.ecosphere("rotate");
    succeeds(run);
    // Who has come with an old password gets connections to the server that are opened only now.
    await renewPooledConnections();
    const result = await load.end();
    const { served, errors } = await newcomers.end();
    isUnharmed(result);
    assert.deepEqual(errors, []);
    assert.ok(served > 0);
    assert.deepEqual(await startedContainers(), containers);
    const after = await outputs();
    await onlyNewPasswordsWork(before, after);
    // Whatever is done to them by hand is seen, and taken back.
    const instance = await primaryOf(after);
    await asSuperuser(
      stack,
      instance,
      "ALTER ROLE app PASSWORD NULL; ALTER ROLE ecosphere_admin PASSWORD NULL",
    );
    succeeds(await stack.ecosphere("up", "--yes"));
    await onlyNewPasswordsWork(before, after);
    const preview = await stack.ecosphere("pulumi", "preview", "--diff", "--expect-no-changes");
    succeeds(preview);
    const printed = begun.output + run.output + preview.output;
    for (const { password } of [before, after].flatMap(({ credentials }) => Object.values(credentials))) {
      assert.ok(!printed.includes(password));
    }
  });

  test("settings that need no restart cause none: a parameter, and commits that ask no replica", async () => {
    const stackOutputs = await outputs();
    const starts = await startTimes(stackOutputs);
    const load = new Load(stackOutputs);
    await configure("parameters", "work_mem=8MB");
    await configure("synchronous", "async");
    // The new image comes before the old one goes, or every container of the old one would go with it.
    const image = `**cluster-images-postgres`;
    const run = await pulumiUp("--replace", image);
    const result = await load.end();
    succeeds(run);
    isUnharmed(result);
    assert.deepEqual(await startTimes(stackOutputs), starts);
    assert.deepEqual(await settingOfAll(stackOutputs, "work_mem"), ["8MB", "8MB", "8MB"]);
    assert.deepEqual(await syncStates(stackOutputs), ["async", "async"]);
  });

  test("a parameter that PostgreSQL does not take is refused by the preview", async () => {
    await configure("parameters", "work_mem=8QB");
    const run = await stack.ecosphere("pulumi", "preview", "--non-interactive");
    assert.notEqual(run.code, 0);
    assert.match(run.output, /invalid value for parameter "work_mem": "8QB"/);
  });

  test("a parameter that needs a restart is rolled; commits ask replicas again", async () => {
    const stackOutputs = await outputs();
    const load = new Load(stackOutputs);
    await configure("parameters", "work_mem=8MB, max_connections=250");
    await configure("synchronous", "quorum");
    const run = await pulumiUp();
    const result = await load.end();
    succeeds(run);
    isUnharmed(result);
    assert.deepEqual(await settingOfAll(stackOutputs, "max_connections"), ["250", "250", "250"]);
    assert.deepEqual(await syncStates(stackOutputs), ["quorum", "quorum"]);
  });

  test("a parameter that is lowered, which the primary must have first, is rolled too", async () => {
    const stackOutputs = await outputs();
    const load = new Load(stackOutputs);
    await configure("parameters", "");
    const run = await pulumiUp();
    const result = await load.end();
    succeeds(run);
    isUnharmed(result);
    assert.deepEqual(await settingOfAll(stackOutputs, "max_connections"), ["200", "200", "200"]);
  });

  test("replicas come and go, and nobody notices", async () => {
    const stackOutputs = await outputs();
    const load = new Load(stackOutputs);
    for (const replicas of [3, 2]) {
      await configure("replicas", String(replicas));
      succeeds(await pulumiUp());
      assert.equal((await outputs()).instances.length, replicas + 1);
      await eventually(
        { what: `${replicas} replicas to stream`, withinMs: within.clusterRecovered },
        async (observe) => {
          const states = await syncStates(stackOutputs);
          observe(states.join());
          return states.length === replicas ? true : undefined;
        },
      );
    }
    isUnharmed(await load.end());
  });

  test("a roll that is killed half way is gone on with by the next up", async () => {
    const stackOutputs = await outputs();
    const load = new Load(stackOutputs);
    await using watch = await watchContainers();
    await configure("instancePort", String(await freePorts(instances.length)));
    const args = ["up", "--yes", "--stack", stack.name];
    const killed = spawn(join(projectRoot, "ecosphere"), args, { stdio: "ignore" });
    const exited = once(killed, "exit");
    await eventually(
      { what: "the first instance to be replaced", withinMs: within.clusterRecovered },
      async () => (watch.replaced().length > 0 ? true : undefined),
    );
    await killTree(killed.pid ?? assert.fail("it has no process id"));
    await exited;
    const run = await stack.ecosphere("up", "--yes");
    const result = await load.end();
    // All but the one check that no load may change rows under.
    assert.match(run.output, /(\d+) of \1 checks passed|did not hold still/, run.output.slice(-8000));
    isUnharmed(result);
    succeeds(await stack.ecosphere("check"));
    assert.equal(watch.mostAway(), 1);
    assert.deepEqual([...new Set(watch.replaced())].toSorted(), instances);
    assert.equal((await primaries(stackOutputs)).length, 1);
  });
});

/** Has every pooler open all of its connections to the server anew, and waits until it has. */
async function renewPooledConnections(): Promise<void> {
  const now = await outputs();
  const [since = ""] = await askAll(now, "SELECT clock_timestamp()::text AS answer");
  const psql = ["psql", "-X", "-q", "-h", "/tmp", "-U", "pgbouncer", "-c", "RECONNECT", "-d", "pgbouncer"];
  for (const proxy of ["proxy-1", "proxy-2"]) {
    for (const port of ["6432", "6433"]) {
      succeeds(await runCommand(["docker", "exec", `ecosphere-${stack.name}-${proxy}`, ...psql, "-p", port]));
    }
  }
  const old = `SELECT count(*)::text AS answer FROM pg_stat_activity
    WHERE usename IN ('app', 'reporting') AND backend_start < '${since}'`;
  const what = "new connections of the poolers";
  await eventually({ what, withinMs: within.clusterRecovered }, async (observe) => {
    const left = await askAll(now, old);
    observe(left.join());
    return left.every((count) => count === "0") ? true : undefined;
  });
}

/** Kills a process with all that it has started, none of which can tidy up. */
async function killTree(root: number): Promise<void> {
  const { stdout } = await runCommand(["ps", "-eo", "pid=,ppid="]);
  const pairs = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const doomed = new Set([root]);
  for (let before = 0; before < doomed.size;) {
    before = doomed.size;
    for (const [pid = 0, parent = 0] of pairs) if (doomed.has(parent)) doomed.add(pid);
  }
  for (const pid of doomed) process.kill(pid, "SIGKILL");
  // Their locks are taken away by the next run once they are seen to be dead.
  await eventually({ what: "the killed processes to be gone", withinMs: within.pluginEnd }, async () => {
    const isGone = [...doomed].every((pid) => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
    return isGone ? true : undefined;
  });
}

interface Watch extends AsyncDisposable {
  /** The instances whose containers have started anew, in their order. */
  replaced(): string[];
  /** The most that were away at the same time. */
  mostAway(): number;
}

/** Follows Docker's own events of the instances' containers. */
async function watchContainers(): Promise<Watch> {
  const docker = await connectDocker();
  const filters = JSON.stringify({ type: ["container"], label: [`ecosphere.stack=${stack.name}`] });
  const stream = await docker.getEvents({ filters });
  const event = z.object({
    Action: z.string(),
    Actor: z.object({ Attributes: z.record(z.string(), z.string()) }),
  });
  const away = new Set<string>();
  const replaced: string[] = [];
  let mostAway = 0;
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (text + chunk.toString()).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines.filter((each) => each.trim() !== "")) {
      const { Action: action, Actor: actor } = event.parse(JSON.parse(line));
      const part = actor.Attributes["ecosphere.part"] ?? "";
      if (!instances.includes(part)) continue;
      if (action === "die") away.add(part);
      if (action === "start") {
        away.delete(part);
        replaced.push(part);
      }
      mostAway = Math.max(mostAway, away.size);
    }
  });
  return {
    replaced: () => [...replaced],
    mostAway: () => mostAway,
    [Symbol.asyncDispose]: async () => {
      if (stream instanceof Readable) stream.destroy();
    },
  };
}

/** Answers of all instances, in their order. */
async function askAll(stackOutputs: StackOutputs, sql: string): Promise<string[]> {
  // Their ports have changed with the configuration.
  const now = { ...(await outputs()), credentials: stackOutputs.credentials };
  return Promise.all(
    instances.map((instance) =>
      withClient(connectionTo(now, { instance }, "monitoring"), "e2e", async (client) => {
        const { rows } = await client.query<{ answer: string }>(sql);
        return rows.map(({ answer }) => answer).join();
      }),
    ),
  );
}

/** The serial numbers of what rw, ro, admin and each instance show. */
function servedCertificates({ rw, ro, admin, instances: all, ca = "" }: StackOutputs): Promise<string[]> {
  return Promise.all([rw, ro, admin, ...all].map((address) => servedCertificate(address, ca)));
}

/** Every container of the stack, and when it has started. */
async function startedContainers(): Promise<Record<string, string>> {
  const docker = await connectDocker();
  const filters = JSON.stringify({ label: [`ecosphere.stack=${stack.name}`] });
  const listed = await docker.listContainers({ all: true, filters });
  const told = await Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
  return Object.fromEntries(told.map(({ Name, Id, State }) => [Name, `${Id} ${State.StartedAt}`]));
}

const startTimes = (of: StackOutputs): Promise<string[]> =>
  askAll(of, "SELECT pg_postmaster_start_time()::text AS answer");

const settingOfAll = (of: StackOutputs, name: string): Promise<string[]> =>
  askAll(of, `SELECT current_setting('${name}') AS answer`);

async function primaries(of: StackOutputs): Promise<string[]> {
  const answers = await askAll(of, "SELECT pg_is_in_recovery()::text AS answer");
  return instances.filter((_, at) => answers[at] === "false");
}

async function syncStates(of: StackOutputs): Promise<string[]> {
  const answers = await askAll(of, "SELECT sync_state AS answer FROM pg_stat_replication");
  return answers.flatMap((answer) => (answer === "" ? [] : answer.split(",")));
}
