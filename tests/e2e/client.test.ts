import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ClusterClient } from "../../lib/client/cluster-client.ts";
import { OutcomeUnknown } from "../../lib/client/errors.ts";
import { clusterOptions } from "../../lib/client/options.ts";
import { withClient } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import { projectRoot, stateFolder } from "../../lib/paths.ts";
import { eventually } from "../../lib/poll.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import { Parts } from "../../scripts/drill/parts.ts";
import { runCommand, TestStack } from "../helpers/ecosphere.ts";
import { Load } from "../helpers/load.ts";
import { ReplayHold } from "../helpers/replay-hold.ts";
import { servedCertificate } from "../helpers/served-certificate.ts";
import {
  asSuperuser,
  containerIds,
  everyCheckPasses,
  outputsOf,
  previewShowsNoChange,
  primaryOf,
  succeeds,
} from "../helpers/stack-probe.ts";
import { TestAuthority, writeCertificates } from "../helpers/test-authority.ts";
import { within } from "../helpers/timeouts.ts";
import { speaksVerifiedTlsAlone } from "../helpers/tls-probe.ts";

const stack = new TestStack();
const certificates = mkdtempSync(join(tmpdir(), "ecosphere-e2e-"));
const stackParts = { replicas: 2, proxies: 2, bindAddress: "127.0.0.1" };
const workers = [1, 2, 3, 4, 5, 6, 7, 8];

/** Writes a row that nobody else writes. */
const insertOf = (name: string) => ({
  name: "insert",
  text: "INSERT INTO categories (category_name) VALUES ($1) RETURNING category_id AS id",
  values: [name],
});
const readOf = (id: unknown) => ({
  name: "read",
  text: "SELECT category_name FROM categories WHERE category_id = $1",
  values: [id],
});

// One stack, one life: the last test costs it its primary.
describe("a client that knows the instances", { concurrency: false }, () => {
  let outputs: StackOutputs;
  let primary: string;
  let replicas: readonly string[];
  let authority: TestAuthority;

  before(async () => {
    authority = await TestAuthority.make("Example Root");
    // With certificates of one's own: no client is told of them in another way than of ours.
    await writeCertificates(certificates, authority, stackParts);
    succeeds(await stack.ecosphere("pulumi", "config", "set", "protect", "false"));
    succeeds(await stack.ecosphere("pulumi", "config", "set", "certificateFolder", certificates));
    succeeds(await stack.ecosphere("up", "--yes"));
    outputs = await outputsOf(stack);
    primary = await primaryOf(outputs);
    replicas = outputs.instances.map(({ name }) => name).filter((name) => name !== primary);
  });
  after(async () => {
    await stack[Symbol.asyncDispose]();
    rmSync(certificates, { recursive: true });
  });

  test("has certificates by the user's own authority, verified everywhere, and no key in the state", async () => {
    assert.equal(outputs.ca, authority.pem);
    await speaksVerifiedTlsAlone(stack, outputs);
    const state = await stack.ecosphere("pulumi", "stack", "export");
    succeeds(state);
    assert.doesNotMatch(state.stdout, /PRIVATE KEY/);
    // Of the stack's own authorities there is etcd's alone.
    const made = [...state.stdout.matchAll(/tls:index\/\w+:\w+::([\w-]+)/g)].map(([, name = ""]) => name);
    assert.deepEqual(
      made.filter((name) => !name.startsWith("cluster-etcd-")),
      [],
    );
    await previewShowsNoChange(stack);
  });

  test("sees nothing of another authority of the user's, in the steps that rotate-authority tells of", async () => {
    const successor = await TestAuthority.make("Example Root 2");
    const ids = await containerIds(stack);
    const serials = () =>
      Promise.all([...outputs.instances, outputs.rw, outputs.ro].map((at) => servedCertificate(at, both)));
    const both = authority.pem + successor.pem;
    const before = await serials();
    const load = new Load({ ...outputs, ca: both });
    const up = async (ca: string): Promise<void> => {
      writeFileSync(join(certificates, "ca.pem"), ca);
      const run = await stack.ecosphere("up", "--yes");
      // One check compares tables, which hold still under no load.
      assert.match(run.output, /\d+ of \d+ checks passed/);
    };
    const steps = async (): Promise<void> => {
      await up(both);
      // Other keys, too: a renewal by one's own authority need not keep them.
      await writeCertificates(certificates, successor, stackParts);
      await up(both);
      await up(successor.pem);
    };
    const { errors, lost, acknowledged } = await steps().then(
      () => load.end(),
      async (error: unknown) => {
        await load.end();
        throw error;
      },
    );
    assert.deepEqual({ errors, lost }, { errors: [], lost: [] });
    assert.ok(acknowledged > 0);
    outputs = await outputsOf(stack);
    assert.equal(outputs.ca, successor.pem);
    const now = await serials();
    assert.deepEqual(
      now.filter((serial, at) => serial === before[at]),
      [],
    );
    assert.deepEqual(await containerIds(stack), ids);
    await speaksVerifiedTlsAlone(stack, outputs);
    await everyCheckPasses(stack);
    primary = await primaryOf(outputs);
    replicas = outputs.instances.map(({ name }) => name).filter((name) => name !== primary);
  });

  test("writes on the primary and reads from the replicas in turn", async (t) => {
    await using client = new ClusterClient(clusterOptions(outputs));
    const sql = "SELECT pg_is_in_recovery() AS replica";
    // On a busy machine one may look farther than the other at first.
    const deadline = { what: "each replica to be read", withinMs: within.clusterRecovered };
    await eventually(deadline, async (observe) => {
      const reads = await Promise.all(Array.from({ length: 100 }, () => client.read(sql)));
      assert.ok(reads.every(({ rows }) => rows[0]?.["replica"] === true));
      observe(JSON.stringify(client.counts()));
      return replicas.every((replica) => (client.counts()[replica]?.reads ?? 0) >= 40) ? true : undefined;
    });
    const { result } = await client.write(sql);
    assert.deepEqual(result.rows, [{ replica: false }]);
    const counts = client.counts();
    t.diagnostic(JSON.stringify(counts));
    assert.deepEqual(counts[primary], { reads: 0, writes: 1 });
    for (const replica of replicas) assert.equal(counts[replica]?.writes, 0);
  });

  describe("a read after a write, while the replay is held up on one replica after the other", () => {
    /** How many reads did not see the write just before them. */
    const staleReads = async (
      client: ClusterClient,
      times: number,
      isWithToken: boolean,
    ): Promise<number> => {
      let left = times;
      let stale = 0;
      const work = async (worker: number): Promise<void> => {
        while (left-- > 0) {
          const { result, token } = await client.write(insertOf(`stale ${worker}`));
          const { rowCount } = await client.read(
            readOf(result.rows[0]?.["id"]),
            isWithToken ? { after: token } : {},
          );
          if (rowCount !== 1) stale += 1;
        }
      };
      const end = new AbortController();
      const holding = holdReplayInTurn(end.signal);
      try {
        await Promise.all(workers.map(work));
      } finally {
        end.abort();
        await holding;
      }
      return stale;
    };
    const holdReplayInTurn = async (signal: AbortSignal): Promise<void> => {
      for (let turn = 0; !signal.aborted; turn += 1) {
        const replica = replicas[turn % replicas.length] ?? "";
        // Patroni resumes it with its next loop, at the latest.
        await asSuperuser(stack, replica, "SELECT pg_wal_replay_pause()");
        await pause(300, undefined, { signal }).catch(() => undefined);
        await asSuperuser(stack, replica, "SELECT pg_wal_replay_resume()");
      }
    };

    test("sees it with its token, 10,000 times of 10,000", async (t) => {
      await using client = new ClusterClient(clusterOptions(outputs));
      const begin = performance.now();
      assert.equal(await staleReads(client, 10_000, true), 0);
      const seconds = (performance.now() - begin) / 1000;
      const counts = client.counts();
      t.diagnostic(`${seconds.toFixed(1)} s; ${JSON.stringify(counts)}`);
      for (const replica of replicas) assert.ok((counts[replica]?.reads ?? 0) > 1000, JSON.stringify(counts));
    });

    // What has only ever said "none is stale" may be blind.
    test("often does not without", async (t) => {
      await using client = new ClusterClient(clusterOptions(outputs));
      const stale = await staleReads(client, 1000, false);
      t.diagnostic(`${stale} of 1000 were stale`);
      assert.ok(stale > 50, `only ${stale} of 1000 were stale`);
    });
  });

  test("a read goes to the primary when no replica gets to its token in time", async () => {
    await using client = new ClusterClient(clusterOptions(outputs));
    await using held = await ReplayHold.prepare(stack, outputs, primary);
    for (const replica of replicas) await held.hold(replica);
    const { result, token } = await client.write(insertOf("held"));
    const query = readOf(result.rows[0]?.["id"]);
    assert.equal((await client.read(query)).rowCount, 0);
    assert.equal((await client.read(query, { after: token })).rowCount, 1);
    assert.equal(client.counts()[primary]?.reads, 1);
  });

  test("the example of the documentation runs as it stands there", async () => {
    const page = readFileSync(join(projectRoot, "docs", "client.md"), "utf8");
    const program = /^```ts\n([^]*?)^```$/m.exec(page)?.[1] ?? "";
    const folder = mkdtempSync(join(stateFolder, "example-"));
    try {
      const lib = join(projectRoot, "lib");
      writeFileSync(join(folder, "shop.ts"), program.replaceAll('"./lib/', `"${lib}/`));
      writeFileSync(join(folder, "outputs.json"), JSON.stringify(outputs), { mode: 0o600 });
      const run = await runCommand(["sh", "-c", `"${process.execPath}" shop.ts < outputs.json`], folder);
      succeeds(run);
      assert.match(run.stdout, /order \d+ is there/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("loses no acknowledged write when the primary is killed, and goes on reading", async (t) => {
    await using client = new ClusterClient(clusterOptions(outputs));
    const acknowledged = new Map<string, number>();
    const unknown = new Set<string>();
    const errors: string[] = [];
    const stale: string[] = [];
    const reads: number[] = [];
    const end = new AbortController();
    const write = async (worker: number): Promise<void> => {
      for (let turn = 0; !end.signal.aborted; turn += 1) {
        const name = `failover ${worker} ${turn}`;
        try {
          const { result, token } = await client.write(insertOf(name));
          acknowledged.set(name, performance.now());
          const { rowCount } = await client.read(readOf(result.rows[0]?.["id"]), { after: token });
          if (rowCount !== 1) stale.push(name);
        } catch (error) {
          if (error instanceof OutcomeUnknown) unknown.add(name);
          else errors.push(messageOf(error));
        }
      }
    };
    const read = async (): Promise<void> => {
      while (!end.signal.aborted) {
        await client.read("SELECT count(*) FROM users").then(
          () => reads.push(performance.now()),
          (error: unknown) => errors.push(messageOf(error)),
        );
        await pause(5);
      }
    };
    const work = [...workers.map(write), read(), read()];
    const ackedSince = (since: number): number =>
      [...acknowledged.values()].filter((at) => at > since).length;
    const untilAcked = (what: string, since: number): Promise<true> =>
      eventually({ what, withinMs: within.clusterRecovered }, async (observe) => {
        observe(client.describe());
        return ackedSince(since) > 200 ? true : undefined;
      });
    await untilAcked("the writers to be at work", 0);
    const killedAt = performance.now();
    await (await Parts.of(stack.name)).kill(primary);
    await untilAcked("the writers to write again", killedAt + 1000);
    end.abort();
    await Promise.all(work);

    const names = await withClient(connectionTo(outputs, "admin", "admin"), "e2e", async (session) => {
      const sql = "SELECT category_name AS name FROM shop.categories WHERE category_name LIKE 'failover %'";
      return (await session.query<{ name: string }>(sql)).rows.map(({ name }) => name);
    });
    const there = new Set(names);
    const gap = (times: readonly number[]): string => {
      const sorted = [...times].sort((a, b) => a - b);
      return (Math.max(...sorted.map((at, index) => at - (sorted[index - 1] ?? at))) / 1000).toFixed(2);
    };
    t.diagnostic(`write gap ${gap([...acknowledged.values()])} s, read gap ${gap(reads)} s`);
    const unknownThere = [...unknown].filter((name) => there.has(name)).length;
    t.diagnostic(`${acknowledged.size} acknowledged, ${unknown.size} unknown, ${unknownThere} of them there`);
    t.diagnostic(JSON.stringify(client.counts()));
    const lost = [...acknowledged.keys()].filter((name) => !there.has(name));
    assert.deepEqual({ lost, stale, errors }, { lost: [], stale: [], errors: [] });
    // What was tried again was written once, and what is there was either acknowledged or told to be unknown.
    assert.equal(names.length, there.size);
    const untold = names.filter((name) => !acknowledged.has(name) && !unknown.has(name));
    assert.deepEqual(untold, []);
    const successors = Object.entries(client.counts()).filter(
      ([name, { writes }]) => name !== primary && writes > 0,
    );
    assert.ok(successors.length > 0);
  });
});
