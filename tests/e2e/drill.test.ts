import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import {
  asSuperuser,
  everyCheckPasses,
  outputsOf,
  previewShowsNoChange,
  primaryOf,
  roLeadsTo,
  succeeds,
} from "../helpers/stack-probe.ts";
import { setSynchronousMode } from "../../bench/synchronous-mode.ts";
import { clientConfig, withClient } from "../../lib/connection.ts";
import { steadyPool } from "../../lib/connection-pool.ts";
import { connectDocker } from "../../lib/docker.ts";
import { projectRoot } from "../../lib/paths.ts";
import { eventually } from "../../lib/poll.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import {
  createDrillSchema,
  dropDrillSchema,
  drillSchema,
  writtenTable,
} from "../../scripts/drill/drill-schema.ts";
import { heal } from "../../scripts/drill/heal.ts";
import { IdSource } from "../../scripts/drill/journal.ts";
import { Parts } from "../../scripts/drill/parts.ts";
import { runRound, type Stage } from "../../scripts/drill/round.ts";
import { targetsOf } from "../../scripts/drill/targets.ts";
import { waitUntilWhole } from "../../scripts/drill/whole.ts";
import { runCommand, TestStack } from "../helpers/ecosphere.ts";
import { ReplayHold } from "../helpers/replay-hold.ts";
import { killedSeed } from "../helpers/seeding.ts";
import { SplitPrimary } from "../helpers/split-primary.ts";
import { within } from "../helpers/timeouts.ts";

const stack = new TestStack();

const round = z.object({
  fault: z.string(),
  hit: z.array(z.string()),
  timeline: z.array(z.object({ seconds: z.number(), what: z.string() })),
  writeGapSeconds: z.number().optional(),
  rows: z.object({
    acknowledged: z.number(),
    unknown: z.number(),
    lost: z.array(z.unknown()),
    unexpected: z.array(z.string()),
  }),
  secondPrimaries: z.array(z.string()),
  isWhole: z.boolean(),
  problems: z.array(z.string()),
});
const report = z.object({ seed: z.number().optional(), rounds: z.array(round), isPassed: z.boolean() });

/** Runs a drill and holds each of its rounds against what every fault must leave. */
async function drill(
  ...args: readonly string[]
): Promise<z.infer<typeof report> & { readonly output: string }> {
  const run = await stack.ecosphere("drill", ...args, "--yes", "--json");
  assert.notEqual(run.stdout, "", run.output);
  const told = report.parse(JSON.parse(run.stdout));
  for (const { fault, rows, secondPrimaries, isWhole, problems } of told.rounds) {
    assert.deepEqual(
      [fault, rows.lost, rows.unexpected, secondPrimaries, problems],
      [fault, [], [], [], []],
      run.output,
    );
    assert.ok(isWhole && rows.acknowledged > 0, run.output);
  }
  succeeds(run);
  assert.ok(told.isPassed);
  return { ...told, output: run.output };
}

// One stack: each test leaves it whole, as the next one finds it.
describe("a drill", { concurrency: false }, () => {
  let outputs: StackOutputs;
  let parts: Parts;

  before(async () => {
    succeeds(await stack.ecosphere("up", "--yes"));
    outputs = await outputsOf(stack);
    parts = await Parts.of(stack.name);
  });
  after(() => stack[Symbol.asyncDispose]());

  test("is refused on a protected stack, and names the way out", async () => {
    const run = await stack.ecosphere("drill", "kill");
    assert.equal(run.code, 1, run.output);
    assert.match(run.output, /is protected.*\n.*--yes/);
  });

  test("of a killed primary, its postmaster and a proxy loses no row, and tells the story of each", async () => {
    const { rounds } = await drill("kill", "postmaster", "proxy");
    const [kill, postmaster, proxy] = rounds;
    assert.deepEqual([kill?.fault, postmaster?.fault, proxy?.fault], ["kill", "postmaster", "proxy"]);
    const story = kill?.timeline.map(({ what }) => what).join("\n") ?? "";
    const expected =
      /^fault: kill of (pg-\d)\n[^]*freed: the lock of \1\n[^]*promoted: pg-\d\n[^]*first write\n[^]*whole/;
    assert.match(story, expected);
    assert.ok((kill?.writeGapSeconds ?? 0) > 0);
  });

  test("that is killed half way leaves nothing that the next one does not mend", async () => {
    const args = ["drill", "freeze", "--yes", "--stack", stack.name];
    const killed = spawn(join(projectRoot, "ecosphere"), args, { detached: true, stdio: "ignore" });
    const ended = new Promise((resolve) => killed.once("exit", resolve));
    await eventually(
      { what: "the drill to freeze an instance", withinMs: within.clusterRecovered, everyMs: 50 },
      async () => {
        const states = await Promise.all(parts.names("pg").map((part) => parts.state(part)));
        return states.some(({ isPaused }) => isPaused) ? true : undefined;
      },
    );
    // The whole group: the command is a shell with Node in it.
    process.kill(-(killed.pid ?? 0), "SIGKILL");
    await ended;
    await drill("replica");
    await previewShowsNoChange(stack);
    const schemas = await withClient(connectionTo(outputs, "admin", "admin"), "e2e", (client) =>
      client.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [drillSchema]),
    );
    assert.equal(schemas.rowCount, 0);
    succeeds(await stack.ecosphere("check"));
  });

  test("of six random faults loses no row", async (t) => {
    const seed = Number(process.env["ECOSPHERE_SEED"] ?? randomInt(1_000_000));
    t.diagnostic(`seed ${seed}: ./ecosphere drill --chaos 6 --seed ${seed}`);
    const told = await drill("--chaos", "6", "--seed", String(seed));
    t.diagnostic(told.rounds.map(({ fault }) => fault).join(", "));
    assert.equal(told.seed, seed);
    assert.ok(told.rounds.length > 0);
  });

  test("with two sentinels at once loses no row either", async () => {
    const [first = ""] = parts.names("sentinel");
    const docker = await connectDocker();
    const { Image, HostConfig, Config } = await docker
      .getContainer(`ecosphere-${stack.name}-${first}`)
      .inspect();
    const second = await docker.createContainer({
      name: `ecosphere-${stack.name}-second-sentinel`,
      Image,
      // Without the label of the stack neither watches over the other.
      Labels: { "ecosphere.test": "1" },
      HostConfig: { ...HostConfig, RestartPolicy: { Name: "no" } },
      ...(Config.User === "" ? {} : { User: Config.User }),
    });
    try {
      await second.start();
      await drill("kill", "freeze");
      assert.equal((await second.inspect()).State.Running, true);
    } finally {
      await second.remove({ force: true });
    }
  });

  test("a replica that lags is left out of ro, and without a fit one ro leads to the primary", async () => {
    const primary = await primaryOf(outputs);
    const replicas = outputs.instances.map(({ name }) => name).filter((name) => name !== primary);
    const [slow = "", other = ""] = replicas;
    await using held = await ReplayHold.prepare(stack, outputs, primary);
    // More than the 16 MB that HAProxy allows.
    const write = (): Promise<void> =>
      asSuperuser(
        stack,
        primary,
        "SELECT count(pg_logical_emit_message(true, 'e2e', repeat('x', 1000000))) FROM generate_series(1, 20)",
      );
    await held.hold(slow);
    await write();
    await roLeadsTo(outputs, [other]);
    await held.hold(other);
    await write();
    await roLeadsTo(outputs, [primary]);
    await held[Symbol.asyncDispose]();
    await roLeadsTo(outputs, replicas);
  });

  test("an instance that has lost its data is copied anew, without a person", async () => {
    const primary = await primaryOf(outputs);
    const lost = outputs.instances.map(({ name }) => name).find((name) => name !== primary) ?? "";
    const docker = await connectDocker();
    const container = docker.getContainer(`ecosphere-${stack.name}-${lost}`);
    succeeds(
      await runCommand([
        ...["docker", "exec", `ecosphere-${stack.name}-${lost}`],
        // At once: a busy PostgreSQL writes into the folder while it is being removed.
        ...["bash", "-c", "cd /data/postgres && mv main lost && { rm -rf lost || true; }"],
      ]),
    );
    await container.kill();
    await everyCheckPasses(stack);
  });

  test("a query that takes all memory ends the sessions of its instance, which stays the primary", async () => {
    const primary = await primaryOf(outputs);
    const docker = await connectDocker();
    const startedAt = async (): Promise<string> =>
      (await docker.getContainer(`ecosphere-${stack.name}-${primary}`).inspect()).State.StartedAt;
    const before = await startedAt();
    // Ten arrays, each of some 400 MB.
    const greedy = `SELECT sum(cardinality(words)) FROM (
      SELECT array_agg(repeat(md5(i::text), 300)) AS words FROM generate_series(1, 400000) AS i GROUP BY i % 10 OFFSET 0
    ) AS all_of_them`;
    await assert.rejects(
      withClient(connectionTo(outputs, { instance: primary }, "app"), "e2e", (client) =>
        client.query(greedy),
      ),
      /terminated|crash|57P0/,
    );
    await everyCheckPasses(stack);
    assert.equal(await startedAt(), before);
    assert.equal(await primaryOf(outputs), primary);
  });

  test("shows an application with a pool finitely many errors when its primary is killed", async (t) => {
    const pool = steadyPool({ ...clientConfig(connectionTo(outputs, "rw", "app"), "e2e"), max: 4 });
    const errors: { readonly at: number; readonly message: string }[] = [];
    const answers: number[] = [];
    const end = new AbortController();
    const use = async (): Promise<void> => {
      while (!end.signal.aborted) {
        try {
          await pool.query("UPDATE categories SET category_name = category_name WHERE category_id = 1");
          answers.push(performance.now());
        } catch (error) {
          errors.push({ at: performance.now(), message: String(error) });
        }
      }
    };
    const users = [use(), use(), use(), use()];
    let [killedAt, backAt] = [0, 0];
    try {
      await eventually(
        { what: "the application to be at work", withinMs: within.clusterRecovered },
        async () => (answers.length > 100 ? true : undefined),
      );
      const primary = await primaryOf(outputs);
      killedAt = performance.now();
      await parts.kill(primary);
      backAt = await eventually(
        { what: "the same pool to write again", withinMs: within.clusterRecovered },
        async () => answers.find((at) => at > killedAt + 1000),
      );
    } finally {
      end.abort();
      await Promise.all(users);
      await pool.end();
    }
    await heal(parts);
    await waitUntilWhole(outputs, targetsOf(outputs), parts, within.clusterRecovered);
    const kinds = new Map<string, number>();
    for (const { message } of errors) kinds.set(message, (kinds.get(message) ?? 0) + 1);
    t.diagnostic(`${errors.length} errors, writes again after ${((backAt - killedAt) / 1000).toFixed(2)} s`);
    for (const [message, count] of kinds) t.diagnostic(`${count} times: ${message}`);
    assert.ok(Number.isFinite(backAt) && backAt > killedAt);
    assert.ok(answers.length > 100);
  });

  test("a seed goes on through the loss of the primary, and ends with every row there", async () => {
    const seeding = stack.ecosphere("seed", "--scale", "40", "--reset", "--yes");
    const noted =
      "SELECT count(*)::int AS ranges FROM seed.ranges JOIN seed.runs USING (run_id) WHERE finished_at IS NULL";
    await eventually({ what: "some ranges to be written", withinMs: within.clusterRecovered }, () =>
      withClient(connectionTo(outputs, "admin", "seeder"), "e2e", async (client) => {
        const { rows } = await client.query<{ ranges: number }>(noted);
        return (rows[0]?.ranges ?? 0) > 2 ? true : undefined;
      }),
    );
    succeeds(await runCommand(["docker", "kill", `ecosphere-${stack.name}-${await primaryOf(outputs)}`]));
    const run = await seeding;
    succeeds(run);
    assert.match(run.output, /seed: waiting: /);
    await everyCheckPasses(stack);
    await previewShowsNoChange(stack);
  });

  test("a seed that is killed has its indexes made by the server, leaves nothing for Pulumi to do, and goes on", async () => {
    const indexes = (): Promise<number | undefined> =>
      withClient(connectionTo(outputs, "admin", "admin"), "e2e", async (client) => {
        const { rows } = await client.query<{ count: number }>(
          "SELECT count(*)::int AS count FROM pg_indexes WHERE schemaname = 'shop'",
        );
        return rows[0]?.count;
      });
    const all = await indexes();
    await killedSeed({ stack: outputs }, { scale: 25, asOf: "2026-11-22", reset: true }, 200_000);
    assert.notEqual(await indexes(), all, "the seed had set none aside");
    await eventually(
      { what: "the indexes to be made", withinMs: within.clusterRecovered },
      async (observe) => {
        const now = await indexes();
        observe(String(now));
        return now === all ? true : undefined;
      },
    );
    await previewShowsNoChange(stack);
    const run = await stack.ecosphere("seed");
    succeeds(run);
    assert.match(run.output, /the rest of a seed that was cut off/);
    await everyCheckPasses(stack);
  });

  // What has only ever said "0 lost, 0 second primaries" may be blind.
  test("of an asynchronous cluster that is split reports exactly the rows that are lost, and the second primary", async () => {
    const targets = targetsOf(outputs);
    const { signal } = new AbortController();
    const stage: Stage = {
      ...{ stack: outputs, targets, parts, ids: new IdSource(), sent: [], signal },
      tell: () => undefined,
    };
    await createDrillSchema(targets.admin, [targets.rw.user, targets.ro.user]);
    await setSynchronousMode(parts, outputs, "off");
    const split = new SplitPrimary();
    const told = await runRound(stage, split.fault);
    const ours = stage.sent.filter(({ outcome }) => outcome === "acknowledged");
    const alone = ours.filter(({ instance, sentAt }) => instance === split.hit && sentAt > split.cutAt);
    const lost = new Set(told.rows?.lost.map(({ id }) => id));
    assert.ok(
      alone.length >= 10,
      `only ${alone.length} rows were acknowledged by the primary that was alone`,
    );
    assert.deepEqual(
      alone.filter(({ id }) => !lost.has(id)),
      [],
      "lost rows were not reported",
    );
    // Asked of the server in another way than the checker does.
    const ids = ours.map(({ id }) => id);
    const { rows } = await withClient(targets.rw, "e2e", (client) =>
      client.query<{ id: number }>(
        `SELECT id::int AS id FROM unnest($1::bigint[]) AS id WHERE id NOT IN (SELECT id FROM ${writtenTable}) ORDER BY id`,
        [ids],
      ),
    );
    assert.deepEqual(rows.map(({ id }) => id).sort(), [...lost].sort());
    assert.ok(told.secondPrimaries.length > 0, "the second primary was not seen");
    assert.equal(told.isWhole, true);
    await setSynchronousMode(parts, outputs, "quorum");
    await dropDrillSchema(targets.admin);
    await drill("replica");
  });
});
