import Table from "cli-table3";
import { withClient } from "../lib/connection.ts";
import { superuserPsql } from "../lib/cluster/superuser-session.ts";
import { connectDocker } from "../lib/docker.ts";
import { UserError } from "../lib/errors.ts";
import { createDrillSchema } from "../scripts/drill/drill-schema.ts";
import type { Fault } from "../scripts/drill/fault.ts";
import { IdSource } from "../scripts/drill/journal.ts";
import { Parts } from "../scripts/drill/parts.ts";
import { faultsFound } from "../scripts/drill/report.ts";
import { runRound, type Stage } from "../scripts/drill/round.ts";
import { targetsOf, type Targets } from "../scripts/drill/targets.ts";
import { readOutputs } from "../scripts/stack/stack-state.ts";
import { benchStack } from "./bench-stack.ts";
import { failoverFaults, ourSwitchover, plainSwitchover } from "./failover-faults.ts";
import { percentile, type Survey, type SurveyResult } from "./harness.ts";
import { patroniDefaults, shortLease, type PlainVariant } from "./patroni-variants.ts";
import { startPlainCluster, type PlainCluster } from "./plain-cluster.ts";

/** One of the clusters that are compared. */
interface Contender {
  readonly name: string;
  readonly stage: Stage;
  readonly faults: readonly Fault[];
  /** Write gaps in seconds, by fault. */
  readonly gaps: Map<string, number[]>;
  /** Acknowledged rows that were gone afterwards. */
  lost: number;
  untilReady(): Promise<void>;
}

const replicas = 2;
/** Of the peers. */
const database = "drill";
/** A peer has one round for so many of ours: each of its rounds takes up to a minute. */
const oursPerPeer = 4;

/**
 * How long writes are refused: this stack, and the same images with Patroni's defaults and with its shortest lease,
 * all there at once, their faults in alternation. The same clients measure all of them.
 */
export const survey: Survey = {
  name: "failover",
  async survey(rounds, progress, signal) {
    const stack = await benchStack();
    await using resources = new AsyncDisposableStack();
    resources.defer(async () => {
      await stack.destroy();
    });
    progress(`failover: making ${stack.name} and two peers`);
    await stack.up();
    const outputs = await readOutputs(stack.name);
    const ours = await contender(
      "this stack",
      { targets: targetsOf(outputs), parts: await Parts.of(stack.name), stack: outputs },
      failoverFaults(ourSwitchover(stack.name)),
      signal,
    );
    const peers: Contender[] = [];
    for (const variant of [patroniDefaults, shortLease]) {
      const cluster = resources.use(await startPlainCluster(replicas, 1, variant));
      await cluster.ready;
      peers.push(await plainContender(variant, cluster, signal));
    }
    for (let round = 0; round < rounds; round++) {
      const takingPart = [ours, ...(round % oursPerPeer === 0 ? peers : [])];
      for (const at of ours.faults.keys()) {
        for (const each of takingPart) await measureOne(each, at, progress, signal);
      }
    }
    return resultOf([ours, ...peers]);
  },
};

async function contender(
  name: string,
  world: Pick<Stage, "targets" | "parts" | "stack">,
  faults: readonly Fault[],
  signal: AbortSignal,
  untilReady = async (): Promise<void> => undefined,
): Promise<Contender> {
  const { targets } = world;
  const logins = [targets.rw, targets.ro, ...targets.instances.map(({ writer }) => writer)];
  await createDrillSchema(
    targets.admin,
    logins.map(({ user }) => user),
  );
  const own = { ids: new IdSource(), sent: [], signal, tell: () => undefined };
  const stage: Stage = { ...world, ...own, untilStreaming: untilReady };
  return { name, stage, faults, gaps: new Map(), lost: 0, untilReady };
}

async function plainContender(
  { name }: PlainVariant,
  cluster: PlainCluster,
  signal: AbortSignal,
): Promise<Contender> {
  const docker = await connectDocker();
  const containers = await docker.listContainers({ all: true, filters: { network: [cluster.name] } });
  const ids = containers.map(
    ({ Id: id, Names: [full = ""] }) => [full.slice(cluster.name.length + 2), id] as const,
  );
  // Its administrator may make databases, and nothing in the one that is there.
  await withClient(cluster.primary, "ecosphere-bench", (client) =>
    client.query(`CREATE DATABASE ${database}`),
  );
  const primary = { ...cluster.primary, database };
  const targets: Targets = {
    rw: primary,
    // The sample has one endpoint.
    ro: primary,
    admin: primary,
    instances: cluster.instances.map(({ name: instance, connection }) => {
      const own = { ...connection, database };
      return { name: instance, writer: own, monitor: own };
    }),
  };
  const parts = new Parts(docker, new Map(ids), (part) => [
    { name: "instances", network: cluster.name, aliases: [part] },
  ]);
  return contender(name, { targets, parts, stack: undefined }, failoverFaults(plainSwitchover), signal, () =>
    cluster.untilStreaming(),
  );
}

async function measureOne(
  each: Contender,
  at: number,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const fault = each.faults[at];
  if (!fault) return;
  await each.untilReady();
  await advanceWal(each.stage);
  const report = await runRound(each.stage, fault);
  signal.throwIfAborted();
  // Without it the wait for an answer would be that of a healthy cluster.
  if (report.hit.length === 0) {
    throw new UserError("bench", `${each.name}, ${fault.name} was not made: ${report.problems.join("; ")}`);
  }
  const { writeGapSeconds: gap, rows, isWhole } = report;
  if (!isWhole || gap === undefined) {
    throw new UserError("bench", `${each.name}, ${fault.name}: ${faultsFound(report).join("; ")}`);
  }
  const lost = rows?.lost.length ?? 0;
  each.lost += lost;
  each.gaps.set(fault.name, [...(each.gaps.get(fault.name) ?? []), gap]);
  progress(
    `failover ${fault.name}: ${each.name} ${gap.toFixed(2)} s${lost > 0 ? `, ${lost} rows lost` : ""}`,
  );
}

/**
 * Goes on to another WAL file. A cluster that fails over a hundred times and writes next to nothing keeps a file of each
 * timeline, and every rewind copies all of them: twenty seconds between two faults, in place of five.
 */
async function advanceWal({ parts, targets }: Stage): Promise<void> {
  const command = `${superuserPsql.join(" ")} -c "$1" -c CHECKPOINT`;
  const sql = "SELECT pg_switch_wal() WHERE NOT pg_is_in_recovery()";
  for (const { code, text } of await Promise.all(
    targets.instances.map(({ name }) => parts.run(name, command, sql)),
  )) {
    if (code !== 0) throw new UserError("bench", `no other WAL file: ${text.trim()}`);
  }
}

/** As a table: the middle and the 95th of a hundred, and the peers' 95th divided by ours. */
function resultOf(contenders: readonly Contender[]): SurveyResult {
  const [ours, ...peers] = contenders;
  if (!ours) throw new RangeError("nothing was measured");
  const ratios = peers.map(({ name }) => `${name} / ours`);
  const table = new Table({
    head: ["write gap, p50 / p95 (s)", ...contenders.map(({ name }) => name), ...ratios],
    style: { head: [], border: [], compact: true },
  });
  for (const [fault, gaps] of ours.gaps) {
    const show = (values: readonly number[]): string =>
      `${percentile(values, 50).toFixed(2)} / ${percentile(values, 95).toFixed(2)} (${values.length})`;
    const times = (peer: Contender): string =>
      `${(percentile(peer.gaps.get(fault) ?? [], 95) / percentile(gaps, 95)).toFixed(1)}×`;
    table.push([
      fault,
      ...contenders.map((each) => show(each.gaps.get(fault) ?? [])),
      ...peers.map((peer) => times(peer)),
    ]);
  }
  const results = contenders.map(({ name, gaps, lost }) => ({ name, gaps: Object.fromEntries(gaps), lost }));
  const losses = contenders.map(({ name, lost }) => `${name} ${lost}`).join(", ");
  const text = `${table.toString()}\nIn brackets: rounds. Acknowledged rows that were gone afterwards: ${losses}.`;
  return { name: "failover", results, text };
}
