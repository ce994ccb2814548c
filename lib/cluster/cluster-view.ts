import { kindOf } from "../cluster-config/networks.ts";
import { etcdClientPort, proxyPorts } from "../cluster-config/topology.ts";
import { PatroniClient, type InstanceState } from "./patroni-client.ts";
import type { StackContainers } from "./stack-containers.ts";

/** How the parts of one kind are: what is needed to take one of them away, and to know that it is back. */
export interface ClusterView {
  /** The instance that is the primary. */
  readonly primary?: string | undefined;
  /** Why a part is not at work; no entry: it is. */
  readonly unwell: ReadonlyMap<string, string>;
}

/** Looks at the parts of one kind. Does not throw: what cannot be asked is not well. */
export async function viewParts(
  containers: StackContainers,
  kind: string,
  parts: readonly string[],
): Promise<ClusterView> {
  if (kind === "pg") return viewInstances(await new PatroniClient(containers).states(), parts);
  const reasons = await Promise.all(parts.map((part) => reasonUnwell(containers, part)));
  return { unwell: new Map(parts.flatMap((part, at) => (reasons[at] ? [[part, reasons[at]]] : []))) };
}

/** Pure: who is at work, by what all instances say of themselves and the primary of the others. */
export function viewInstances(
  states: ReadonlyMap<string, InstanceState | undefined>,
  parts: readonly string[],
): ClusterView {
  const primaries = [...states].filter(([, state]) => state?.role === "primary" && state.state === "running");
  const [primary, leader] = primaries.length === 1 ? (primaries[0] ?? []) : [];
  const followers = leader?.replication ?? [];
  // Some in, some not: the primary is about to take the others in, and must not lose one meanwhile.
  const isSynchronous = followers.some(({ sync_state }) => sync_state !== "async");
  const reasonOf = (part: string): string | undefined => {
    const state = states.get(part);
    if (!states.has(part)) return "its container does not run";
    if (!state) return "its Patroni does not answer";
    if (part === primary) return undefined;
    if (primaries.length > 1) return "there are two primaries";
    if (state.state !== "running") return `its PostgreSQL is ${state.state}`;
    if (!leader) return "there is no primary";
    const follower = followers.find(({ application_name, state: at }) => {
      return application_name === part && at === "streaming";
    });
    if (!follower || state.replication_state !== "streaming") return "it does not stream yet";
    if (isSynchronous && follower.sync_state === "async") return "no commit counts on it yet";
    return undefined;
  };
  const unwell = parts.flatMap((part) => {
    const reason = reasonOf(part);
    return reason === undefined ? [] : [[part, reason] as const];
  });
  return { primary, unwell: new Map(unwell) };
}

/** Of an etcd member or a proxy. */
async function reasonUnwell(containers: StackContainers, part: string): Promise<string | undefined> {
  if (containers.find(part)?.state !== "running") return "its container does not run";
  const check =
    kindOf(part) === "etcd"
      ? ["http-health", String(etcdClientPort), "/health", "tls"]
      : ["http-health", String(proxyPorts.health), "/healthz"];
  const { code } = await containers.run(part, ["timeout", "5", ...check]).catch(() => ({ code: 1 }));
  return code === 0 ? undefined : "it does not answer that it is healthy";
}
