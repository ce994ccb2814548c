import { parseDocument } from "yaml";
import { patroniPort, postgresPort, proxyPorts } from "../lib/cluster-config/topology.ts";

/** A cluster of the same images with other settings. */
export interface PlainVariant {
  readonly name: string;
  /** Makes the instance's file of it, from this project's own. */
  patroni(config: string): string;
  haproxy(instances: readonly string[]): string;
}

/** What this project sets and Patroni leaves to its defaults, or to PostgreSQL's. */
const ours = [
  ...["primary_start_timeout", "primary_stop_timeout", "check_timeline", "failsafe_mode"],
  ...["synchronous_mode", "synchronous_mode_strict", "synchronous_node_count"],
];
const ourParameters = [
  ...["wal_sender_timeout", "wal_receiver_timeout", "wal_retrieve_retry_interval"],
  ...["tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count"],
];

/** Patroni as its documentation has it: asynchronous, and a crashed primary has five minutes to start again. */
export const patroniDefaults = variant("Patroni's defaults", { ttl: 30, loop_wait: 10, retry_timeout: 10 });

/** The shortest lease that Patroni takes, with intervals that fit into it. */
export const shortLease = variant("ttl 20", { ttl: 20, loop_wait: 2, retry_timeout: 5 });

function variant(name: string, times: Readonly<Record<string, number>>): PlainVariant {
  return {
    name,
    patroni: (config) => {
      const document = parseDocument(config);
      const dcs = ["bootstrap", "dcs"];
      for (const key of ours) document.deleteIn([...dcs, key]);
      for (const key of ourParameters) document.deleteIn([...dcs, "postgresql", "parameters", key]);
      for (const [key, value] of Object.entries(times)) document.setIn([...dcs, key], value);
      document.setIn([...dcs, "maximum_lag_on_failover"], 1024 ** 2);
      return document.toString();
    },
    haproxy: sampleHaproxy,
  };
}

/**
 * The settings of the haproxy.cfg that comes with Patroni. Added to it: Docker's name server, without which HAProxy
 * would never find an instance again that has another address after a restart; and room for a thousand connections,
 * not a hundred, which clients that give up after a second use up before the first failover is over.
 */
function sampleHaproxy(instances: readonly string[]): string {
  return `global
    maxconn 1000

resolvers docker
    nameserver dns 127.0.0.11:53
    hold valid 1s

defaults
    log global
    mode tcp
    retries 2
    timeout client 30m
    timeout connect 4s
    timeout server 30m
    timeout check 5s

frontend health
    mode http
    bind *:${proxyPorts.health}
    monitor-uri /healthz

listen primary
    bind *:${proxyPorts.admin}
    option httpchk OPTIONS /primary
    http-check expect status 200
    default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions init-addr none resolvers docker resolve-prefer ipv4
${instances.map((name) => `    server ${name} ${name}:${postgresPort} check port ${patroniPort}`).join("\n")}
`;
}
