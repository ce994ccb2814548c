/**
 * Names and ports inside a cluster's own networks. Every part is known there by its short name, so that the
 * files below are the same in every stack.
 */
export const etcdNames = ["etcd-1", "etcd-2", "etcd-3"] as const;
export const etcdClientPort = 2379;
export const etcdPeerPort = 2380;
export const postgresPort = 5432;
export const patroniPort = 8008;

/** The most proxies a cluster can have: more would reach into the instances' default ports. */
export const maxProxies = 3;

/** The names of the proxies: `proxy-1` and on. */
export function proxyNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `proxy-${at + 1}`);
}

/** The ports of a proxy's container: `rw` and `ro` are PgBouncer's, `admin` is HAProxy's own. */
export const proxyPorts = { rw: 6432, ro: 6433, admin: 6434, health: 7000 } as const;

/** Where HAProxy waits for the PgBouncers, inside the proxy's container alone. */
export const routerPorts = { rw: 5000, ro: 5001 } as const;

/** Where HAProxy takes orders, inside the proxy's container alone. */
export const routerControlPort = 5999;

/** Where a part's small volume with its configuration is mounted. */
export const configFolder = "/etc/ecosphere";

/** The role that Pulumi connects as: it creates roles and databases, and is no superuser. */
export const adminRole = "ecosphere_admin";
export const replicationRole = "replicator";
export const rewindRole = "rewinder";
/** The role that PgBouncer looks up verifiers as. It may log in to one database and call one function. */
export const poolerRole = "pgbouncer";
/**
 * The role that may write rows without the triggers that check their foreign keys, and vacuum: for the seeder alone,
 * which proves every key afterwards. Only a superuser can give that right away, so the bootstrap makes it.
 */
export const loaderRole = "ecosphere_loader";
