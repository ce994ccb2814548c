/**
 * Names and ports inside a cluster's own network. Every part is known there by its short name, so that the
 * files below are the same in every stack.
 */
export const etcdNames = ["etcd-1", "etcd-2", "etcd-3"] as const;
export const etcdClientPort = 2379;
export const etcdPeerPort = 2380;
export const postgresPort = 5432;
export const patroniPort = 8008;

/** The ports of HAProxy in its container. */
export const proxyPorts = { rw: 5000, ro: 5001, admin: 5002, health: 7000 } as const;

/** Where a part's small volume with its configuration is mounted. */
export const configFolder = "/etc/ecosphere";

/** The role that Pulumi connects as: it creates roles and databases, and is no superuser. */
export const adminRole = "ecosphere_admin";
export const replicationRole = "replicator";
export const rewindRole = "rewinder";
