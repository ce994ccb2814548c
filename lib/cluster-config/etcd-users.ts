import { etcdClientFile } from "./certificates.ts";
import { configFolder } from "./topology.ts";

/** The name of the Patroni cluster: a part of each of its keys. */
export const patroniScope = "ecosphere";
export const patroniNamespace = "/service/";

/** While this key exists in etcd, somebody changes the cluster on purpose: whoever heals it stands back. */
export const plannedKey = "/ecosphere/planned";

const patroniPrefix = `${patroniNamespace}${patroniScope}/`;

/** A right on one key, or on all keys that begin with it. */
export interface EtcdGrant {
  readonly access: "read" | "readwrite";
  readonly key: string;
  readonly isPrefix: boolean;
}

/** Who may what in etcd, besides root. Planned work is told by root, from inside a member's container. */
export const etcdGrants = {
  patroni: [{ access: "readwrite", key: patroniPrefix, isPrefix: true }],
  sentinel: [
    { access: "readwrite", key: `${patroniPrefix}leader`, isPrefix: false },
    { access: "read", key: plannedKey, isPrefix: false },
  ],
} as const satisfies Readonly<Record<string, readonly EtcdGrant[]>>;

export type EtcdUserName = keyof typeof etcdGrants;

/** How a client of etcd shows who it is. */
export interface EtcdLogin {
  /** The file with its certificate, its key, and the authorities that etcd is verified by. */
  readonly file: string;
  readonly username: EtcdUserName;
  readonly password: string;
}

export function etcdLogin(username: EtcdUserName, password: string): EtcdLogin {
  return { file: `${configFolder}/${etcdClientFile}`, username, password };
}
