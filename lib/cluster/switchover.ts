import { UserError } from "../errors.ts";
import { eventually } from "../poll.ts";
import { PatroniClient, type Member } from "./patroni-client.ts";
import { HeldTransactions } from "./pooler.ts";
import type { StackContainers } from "./stack-containers.ts";
import { SuperuserSession, superuserPsql } from "./superuser-session.ts";

/** What a switchover has done. */
export interface Switchover {
  readonly from: string;
  readonly to: string;
  /** How long new transactions of `rw` were held back, in seconds. */
  readonly heldSeconds: number;
}

export interface SwitchoverOptions {
  /** The next primary. Default: the replica that is least behind. */
  readonly to?: string | undefined;
  /** Without `to`: these are taken before all others. */
  readonly preferred?: readonly string[];
  /** How long transactions in progress may take before it is given up. */
  readonly waitSeconds: number;
}

/** Longer than any switchover; then the poolers let transactions through by themselves. */
export const heldAtMostSeconds = 30;

/**
 * Makes another instance the primary without an error for any client of `rw`: transactions in progress end, new
 * ones wait in PgBouncer until the new primary takes them. Undefined: it is the primary already.
 * @throws UserError with nothing changed, or `switchover-failed`; transactions go on in any case
 */
export async function switchover(
  containers: StackContainers,
  { to, preferred = [], waitSeconds }: SwitchoverOptions,
): Promise<Switchover | undefined> {
  const patroni = new PatroniClient(containers);
  const members = await patroni.members();
  const leader = leaderOf(members);
  if (to === leader.name) return undefined;
  const candidate = chooseCandidate(members, to, preferred);
  // What is on disk already, the shutdown need not write while everybody waits.
  await checkpoint(containers, leader.name);
  const limits = { waitSeconds, atMostSeconds: waitSeconds + heldAtMostSeconds };
  await using order = await patroni.prepareSwitchover(leader.name, candidate);
  await using next = await SuperuserSession.open(containers, candidate, limits.atMostSeconds);
  let begin = 0;
  let answer: Promise<void>;
  {
    await using held = await HeldTransactions.prepare(containers, "rw", limits);
    await using readers = await holdReaders(containers, limits.atMostSeconds);
    // Once more, for what was written since.
    await checkpoint(containers, leader.name);
    // By then its session stands.
    await isPromoted(next);
    begin = performance.now();
    await held.pause();
    answer = order.begin();
    const decided = new AbortController();
    // Patroni answers in whole seconds; whoever asks the candidate knows sooner.
    await Promise.race([untilPromoted(next, candidate, decided.signal), refusalOf(answer)]).finally(() => {
      decided.abort();
    });
    await held.route("primary", leader.name, "down");
    await held.route("primary", candidate, "up");
    await readers?.route("replicas", candidate, "down");
    await Promise.all([held, ...(readers ? [readers] : [])].map((each) => each[Symbol.asyncDispose]()));
  }
  const heldSeconds = (performance.now() - begin) / 1000;
  await answer;
  return { from: leader.name, to: candidate, heldSeconds };
}

/**
 * Asked of the instance itself, which is promoted once it has the lock; by one session, since a process for each question takes
 * the time of what it waits for.
 */
async function isPromoted(instance: SuperuserSession): Promise<boolean> {
  const [isReplica] = await instance.run("SELECT pg_is_in_recovery()");
  return isReplica === "f";
}

async function untilPromoted(instance: SuperuserSession, name: string, signal: AbortSignal): Promise<void> {
  const withinMs = heldAtMostSeconds * 1000;
  await eventually({ what: `${name} to be promoted`, withinMs, everyMs: 10, signal }, async () =>
    (await isPromoted(instance)) ? true : undefined,
  );
}

/**
 * HAProxy cuts what still reads from the replica that becomes the primary: queries of `ro` wait, too. Undefined when
 * some take longer than is worth waiting for, with others held back behind them.
 */
async function holdReaders(
  containers: StackContainers,
  atMostSeconds: number,
): Promise<HeldTransactions | undefined> {
  const held = await HeldTransactions.prepare(containers, "ro", { waitSeconds: 3, atMostSeconds });
  try {
    await held.pause();
    return held;
  } catch (error) {
    await held[Symbol.asyncDispose]();
    if (error instanceof UserError && error.code === "busy") return undefined;
    throw error;
  }
}

/** The instance to be the next primary. @throws UserError `usage` or `no-candidate` */
export function chooseCandidate(
  members: readonly Member[],
  wanted: string | undefined,
  preferred: readonly string[] = [],
): string {
  const replicas = members.filter(({ role }) => role !== "leader");
  const names = replicas.map(({ name }) => name).join(", ");
  if (wanted !== undefined && !members.some(({ name }) => name === wanted)) {
    throw new UserError("usage", `no instance is called "${wanted}"`, `The replicas are: ${names}.`);
  }
  const fit = replicas
    .filter(({ state, lag }) => state === "streaming" && typeof lag === "number")
    .sort((a, b) => rankOf(a, preferred) - rankOf(b, preferred));
  const chosen = wanted === undefined ? fit[0] : fit.find(({ name }) => name === wanted);
  if (chosen) return chosen.name;
  const states = replicas.map(
    ({ name, state, lag }) => `${name}: ${state}, ${lag ?? "unknown"} bytes behind`,
  );
  throw new UserError(
    "no-candidate",
    `${wanted ?? "no replica"} ${wanted === undefined ? "follows" : "does not follow"} the primary closely enough (${states.join("; ")})`,
    "Wait until it streams (./ecosphere status), then try again.",
  );
}

/** Those that confirm commits first, then the preferred ones, then by what they are behind. */
function rankOf({ name, role, lag }: Member, preferred: readonly string[]): number {
  const behind = typeof lag === "number" ? lag : 1e13;
  return (role === "replica" ? 1e15 : 0) + (preferred.includes(name) ? 0 : 1e14) + behind;
}

function leaderOf(members: readonly Member[]): Member {
  const leader = members.find(({ role, state }) => role === "leader" && state === "running");
  if (leader) return leader;
  throw new UserError("no-primary", "there is no primary to switch from", "See ./ecosphere status.");
}

/** Writes what has changed to the data files. */
export async function checkpoint(containers: StackContainers, instance: string): Promise<void> {
  await containers.run(instance, [...superuserPsql, "-c", "CHECKPOINT"]);
}

/** Rejects when the work does, and never resolves. */
function refusalOf(work: Promise<void>): Promise<never> {
  return new Promise((_resolve, reject) => {
    work.catch(reject);
  });
}
