import { instanceNames, maxReplicas } from "../settings.ts";
import type { TlsFiles } from "./certificates.ts";
import { patroniPort, postgresPort, proxyPorts, routerControlPort, routerPorts } from "./topology.ts";

export const haproxyFile = "haproxy.cfg";

/**
 * HAProxy asks each instance's Patroni what it is: `rw` and `admin` lead to the primary, `ro` to the replicas
 * that stream and lag less than 16 MB, or to the primary when there is none. The PgBouncers of the same
 * container stand before `rw` and `ro`; `admin` is open to clients, for sessions.
 *
 * Every instance that a cluster can have is listed, there or not: a name that Docker does not know is passed
 * over, and none is looked up before HAProxy listens: the host's name server may take ten seconds to say that it does
 * not know one either. So a change of their number leaves the proxy alone, and an instance that is about to be removed, which
 * may be the primary, is reached until it is gone.
 */
export function renderHaproxyConfig(tls?: TlsFiles): string {
  const servers = instanceNames(maxReplicas)
    .map(
      (name) =>
        `    server ${name} ${name}:${postgresPort} check port ${patroniPort}${tls ? checkBy(tls, name) : ""}`,
    )
    .join("\n");
  return `global
    log stdout format raw local0 notice
    maxconn 1000
    nbthread 1
    # After its configuration was read anew, and at its end: start-proxy ends it sooner.
    hard-stop-after 60s
    # For a switchover, which knows before any check where the primary is.
    stats socket ipv4@127.0.0.1:${routerControlPort} level admin
    # What start-proxy writes down before the files are read anew.
    server-state-file /tmp/servers

# A restarted container has another address: Docker's own name server is asked again and again.
resolvers docker
    nameserver dns 127.0.0.11:53
    resolve_retries 3
    timeout resolve 1s
    timeout retry 500ms
    hold valid 1s
    hold obsolete 5s

defaults
    mode tcp
    log global
    option clitcpka
    option srvtcpka
    option dontlog-normal
    option redispatch 1
    retries 3
    timeout connect 250ms
    timeout check 500ms
    timeout client 1h
    timeout server 1h
    load-server-state-from-file global
    default-server inter 500ms fastinter 250ms downinter 250ms fall 2 rise 1 init-addr last,none resolvers docker resolve-prefer ipv4 on-marked-down shutdown-sessions observe layer4 error-limit 1 on-error mark-down

frontend health
    mode http
    bind *:${proxyPorts.health}
    monitor-uri /healthz

frontend rw
    bind 127.0.0.1:${routerPorts.rw}
    default_backend primary

frontend admin
    # Half of what PostgreSQL takes: connections that never log in cannot keep the pooled ones out.
    maxconn 100
    bind *:${proxyPorts.admin}
    default_backend primary

frontend ro
    bind 127.0.0.1:${routerPorts.ro}
    use_backend primary if { nbsrv(replicas) eq 0 }
    default_backend replicas

backend primary
    # Whoever has the leader's lock answers 200, a moment before it is promoted and takes writes.
    option httpchk GET /primary
    http-check expect status 200
    http-check expect string "\\"role\\": \\"primary\\""
${servers}

backend replicas
    option httpchk OPTIONS /replica?lag=16MB&replication_state=streaming
    http-check expect status 200
    balance leastconn
${servers}
`;
}

/** It asks Patroni with the proxy's certificate, and verifies who answers; what it passes on is not its own. */
function checkBy({ ca, identity }: TlsFiles, name: string): string {
  return ` check-ssl verify required verifyhost ${name} ca-file ${ca} crt ${identity} ssl-min-ver TLSv1.3`;
}
