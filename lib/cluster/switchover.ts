import { addressesOf, withClient } from "../connection.ts";
import { UserError } from "../errors.ts";
import { eventually } from "../poll.ts";
import { connectionTo, type StackOutputs } from "../stack-outputs.ts";
import { PatroniClient, type Member } from "./patroni-client.ts";
import { Poolers } from "./pooler.ts";
import type { StackContainers } from "./stack-containers.ts";

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
  /** How long transactions in progress may take before it is given up. */
  readonly waitSeconds: number;
}

/** Longer than any switchover; then the poolers let transactions through by themselves. */
const heldAtMostSeconds = 20;

/**
 * Makes another instance the primary without an error for any client of `rw`: transactions in progress end, new
 * ones wait in PgBouncer until the new primary takes them.
 * @throws UserError with nothing changed, or `switchover-failed`; the poolers let transactions through in any case
 */
export async function switchover(
  stack: StackOutputs,
  containers: StackContainers,
  { to, waitSeconds }: SwitchoverOptions,
): Promise<Switchover | undefined> {
  const patroni = new PatroniClient(containers);
  const members = await patroni.members();
  const leader = leaderOf(members);
  if (to === leader.name) return undefined;
  const candidate = chooseCandidate(members, to);
  const poolers = new Poolers(containers);
  // What is on disk already, the shutdown need not write while everybody waits.
  await checkpoint(containers, leader.name);
  let begin = 0;
  const resume = (): void => {
    void poolers.resume();
  };
  process.once("exit", resume);
  try {
    begin = performance.now();
    await poolers.pause(waitSeconds, heldAtMostSeconds);
    begin = performance.now();
    await patroni.switchover(leader.name, candidate);
    await everyProxyWrites(stack);
  } finally {
    await poolers.resume();
    process.off("exit", resume);
  }
  return { from: leader.name, to: candidate, heldSeconds: (performance.now() - begin) / 1000 };
}

/** The instance to be the next primary. @throws UserError `usage` or `no-candidate` */
export function chooseCandidate(members: readonly Member[], wanted: string | undefined): string {
  const replicas = members.filter(({ role }) => role !== "leader");
  const names = replicas.map(({ name }) => name).join(", ");
  if (wanted !== undefined && !members.some(({ name }) => name === wanted)) {
    throw new UserError("usage", `no instance is called "${wanted}"`, `The replicas are: ${names}.`);
  }
  const fit = replicas
    .filter(({ state, lag }) => state === "streaming" && typeof lag === "number")
    .sort((a, b) => rankOf(a) - rankOf(b));
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

/** Those that confirm commits first, then by what they are behind. */
function rankOf({ role, lag }: Member): number {
  return (role === "replica" ? 1e15 : 0) + (typeof lag === "number" ? lag : 1e14);
}

function leaderOf(members: readonly Member[]): Member {
  const leader = members.find(({ role, state }) => role === "leader" && state === "running");
  if (leader) return leader;
  throw new UserError("no-primary", "there is no primary to switch from", "See ./ecosphere status.");
}

async function checkpoint(containers: StackContainers, instance: string): Promise<void> {
  await containers.run(instance, [
    "psql",
    "-X",
    "-q",
    "-h",
    "/run/postgresql",
    "-U",
    "postgres",
    "-c",
    "CHECKPOINT",
  ]);
}

/** Until then, a pooler's next connection would be turned away and tried again only a second later. */
async function everyProxyWrites(stack: StackOutputs): Promise<void> {
  const admin = connectionTo(stack, "admin", "monitoring");
  await Promise.all(
    addressesOf(admin).map((address) =>
      eventually(
        {
          what: `the proxy at ${address.host}:${address.port} to lead to the new primary`,
          withinMs: 15_000,
          everyMs: 20,
        },
        () =>
          withClient({ ...admin, ...address, alternatives: [] }, "ecosphere-switchover", async (client) => {
            const { rows } = await client.query<{ isReplica: boolean }>(
              'SELECT pg_is_in_recovery() AS "isReplica"',
            );
            return rows[0]?.isReplica === false ? true : undefined;
          }),
      ),
    ),
  );
}
