import { startAgain } from "../end-of-fault.ts";
import type { Evidence, Fault } from "../fault.ts";

export const killReplica: Fault = {
  name: "replica",
  title: "docker kill of a replica's container",
  expected: "writes and reads go on; it comes back",
  async make({ parts, replicas: [first = ""] }) {
    await parts.kill(first);
    return [first];
  },
  judge: noFailover,
};

export const killReplicas: Fault = {
  name: "replicas",
  title: "all replicas' containers are killed, and stay away for some seconds",
  expected: "writes wait, none is acknowledged until a replica is back; reads go on",
  holdSeconds: 6,
  writesWithinSeconds: 0,
  unfit: (parts) => (parts.names("pg").length < 2 ? "the stack has no replica" : undefined),
  async make({ parts, replicas }) {
    await Promise.all(replicas.map((instance) => parts.takeAway(instance)));
    return replicas;
  },
  end: startAgain,
  judge: (evidence) => [...liesAlone(evidence), ...noFailover(evidence)],
};

/** Rows that were sent and acknowledged while no replica ran. */
function liesAlone({ scene: { events, replicas, journal }, faultAt }: Evidence): string[] {
  const deaths = replicas.map((instance) => events.first(instance, ["die"], faultAt)?.at);
  if (deaths.includes(undefined)) return ["the replicas were killed, and Docker has not told of it"];
  const allDead = Math.max(...deaths.map((at) => at ?? 0));
  const back = replicas.map((instance) => events.first(instance, ["start"], faultAt)?.at);
  const firstBack = Math.min(...back.map((at) => at ?? Number.POSITIVE_INFINITY));
  const lies = journal
    .acknowledged()
    .filter(({ sentAt, endedAt }) => sentAt > allDead && endedAt < firstBack);
  return lies.length === 0 ? [] : [`${lies.length} rows were acknowledged that no replica can have had`];
}

function noFailover({ hasFailedOver }: Evidence): string[] {
  return hasFailedOver ? ["the primary changed, though nothing was wrong with it"] : [];
}
