/** The kinds of a cluster's parts: `pg-1` is a `pg`. */
export type PartKind = "pg" | "etcd" | "proxy" | "sentinel";

/**
 * A cluster's networks. A container that publishes ports is reached, by older Dockers, by the network whose name comes
 * first: for a proxy that has to be the clients' one.
 */
export const networkNames = ["clients", "etcd", "instances"] as const;
export type NetworkName = (typeof networkNames)[number];

/** Whether a network leads nowhere else. Docker publishes no port of a container that is in such networks alone. */
export const isInternal: Readonly<Record<NetworkName, boolean>> = {
  clients: false,
  etcd: true,
  instances: false,
};

/**
 * The networks of each kind of part. It is known by its name in the first one alone, so that a name leads to one
 * address from wherever it is asked.
 */
export const networksOf: Readonly<Record<PartKind, readonly [NetworkName, ...NetworkName[]]>> = {
  etcd: ["etcd"],
  pg: ["instances", "etcd"],
  proxy: ["clients", "instances"],
  sentinel: ["instances", "etcd"],
};

/** A network, its name in Docker, and the names of one part in it. */
export interface Attachment {
  readonly name: NetworkName;
  readonly network: string;
  readonly aliases: readonly string[];
}

export function networkOf(stack: string, name: NetworkName): string {
  return `ecosphere-${stack}-${name}`;
}

/** @param part `pg-1`; one of no known kind has no network */
export function attachmentsOf(stack: string, part: string): readonly Attachment[] {
  const kind = kindOf(part);
  return isKind(kind) ? networksOf[kind].map((name, at) => attachment(stack, part, name, at)) : [];
}

/** The kind of a part by its name: `proxy` of `proxy-2`. */
export function kindOf(part: string): string {
  return part.replace(/-\d+$/, "");
}

function attachment(stack: string, part: string, name: NetworkName, at: number): Attachment {
  return { name, network: networkOf(stack, name), aliases: at === 0 ? [part] : [] };
}

function isKind(text: string): text is PartKind {
  return Object.hasOwn(networksOf, text);
}
