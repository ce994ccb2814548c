import { tlsFiles } from "./certificates.ts";
import type { EtcdLogin } from "./etcd-users.ts";
import { networkOf, networksOf } from "./networks.ts";
import { etcdClientPort, etcdNames, patroniPort, postgresPort } from "./topology.ts";

export const sentinelFile = "sentinel.json";

/** Where the sentinel finds Docker's socket, inside its container. */
export const dockerSocket = "/var/run/docker.sock";

export interface SentinelConfig {
  readonly stack: string;
  /** Names of the instances, as their network knows them. */
  readonly instances: readonly string[];
  /** How long an instance may be silent before it is fenced. */
  readonly patienceSeconds: number;
  readonly etcdLogin: EtcdLogin;
}

/** The sentinel's file; images/sentinel/settings.py reads it. */
export function renderSentinelConfig(config: SentinelConfig): string {
  return JSON.stringify(
    {
      ...config,
      networks: networksByKind(config.stack),
      etcd: etcdNames,
      etcdPort: etcdClientPort,
      patroniPort,
      postgresPort,
      tls: tlsFiles,
    },
    null,
    2,
  );
}

/** By kind of part: in the first one it has its name. */
function networksByKind(stack: string): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(networksOf).map(([kind, names]) => [kind, names.map((name) => networkOf(stack, name))]),
  );
}

/**
 * The socket to mount into the sentinel: Docker's own on its host. Reached by TCP or SSH, the daemon has it at the
 * usual place.
 */
export function hostSocket(environment: NodeJS.ProcessEnv = process.env): string {
  const configured = environment["DOCKER_HOST"] ?? "";
  return configured.startsWith("unix://") ? configured.slice("unix://".length) : dockerSocket;
}
