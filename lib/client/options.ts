import type { PoolConfig } from "pg";
import { clientConfig, type Address } from "../connection.ts";
import type { LoginName, StackOutputs } from "../stack-outputs.ts";

export interface ClusterClientOptions {
  /** Every instance by its own port, whatever it is now. */
  readonly instances: readonly (Address & { readonly name: string })[];
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** The authorities, as PEM, by which the instances are verified over TLS. Default: plain connections. */
  readonly ca?: string | undefined;
  /** As pg_stat_activity shows it. Default `ecosphere-client`. */
  readonly applicationName?: string;
  /** Connections to one instance, for reads and as many for writes, and one more to watch it. Default 8. */
  readonly maxConnections?: number;
  /** How long a read or write may take with all its attempts, in milliseconds. Default 10000. */
  readonly withinMs?: number;
  /** Between two questions to an instance what it is, in milliseconds. Default 500. */
  readonly observeEveryMs?: number;
  /** How long an instance may be silent before it is given up, in milliseconds. Default 2000. */
  readonly silentAfterMs?: number;
  /** A replica that lags more is not read. Default 16 MiB, as with the endpoint `ro`. */
  readonly maxLagBytes?: number;
  /** How long a read with a token waits for a replica before it goes to the primary, in milliseconds. Default 50. */
  readonly replayWaitMs?: number;
}

const defaults = {
  ...{ applicationName: "ecosphere-client", maxConnections: 8, withinMs: 10_000, observeEveryMs: 500 },
  ...{ silentAfterMs: 2000, maxLagBytes: 16 * 1024 ** 2, replayWaitMs: 50, ca: undefined },
};

export function withDefaults(options: ClusterClientOptions): Required<ClusterClientOptions> {
  return { ...defaults, ...options };
}

/** The options for a stack's cluster, of which one may be overridden after it. */
export function clusterOptions(stack: StackOutputs, who: LoginName = "app"): ClusterClientOptions {
  const { instances, ca, rw } = stack;
  const { user, password } = stack.credentials[who];
  return { instances, ca, database: rw.database, user, password };
}

/** What `pg` is told for a pool of one instance. */
export function poolConfig(options: Required<ClusterClientOptions>, { host, port }: Address): PoolConfig {
  return {
    ...clientConfig({ ...options, host, port }, options.applicationName, options.silentAfterMs),
    max: options.maxConnections,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}
