import type { TlsFiles } from "./certificates.ts";
import { poolerRole, proxyPorts, routerPorts } from "./topology.ts";

export type PooledEndpoint = keyof typeof routerPorts;

export const pgbouncerFile = (endpoint: PooledEndpoint): string => `pgbouncer-${endpoint}.ini`;
export const userlistFile = "userlist.txt";

/** The connections that one proxy keeps open for one login in one database, at most. */
export const poolSize = 20;

/**
 * PgBouncer's file for one endpoint of a proxy. A client keeps its connection while the primary changes: its next
 * transaction waits until HAProxy has a server for it. Times are in seconds.
 */
export function renderPgbouncerConfig(endpoint: PooledEndpoint, tls?: TlsFiles): string {
  return `[databases]
* = host=127.0.0.1 port=${routerPorts[endpoint]} auth_user=${poolerRole} auth_dbname=postgres

[pgbouncer]
listen_addr = 0.0.0.0
listen_port = ${proxyPorts[endpoint]}
; The console, for PAUSE and RESUME: reached from inside the container alone.
unix_socket_dir = /tmp
unix_socket_mode = 0700
admin_users = ${poolerRole}
auth_type = scram-sha-256
auth_file = /etc/ecosphere/${userlistFile}
auth_query = SELECT username, verifier FROM ecosphere.pooled_login($1)
pool_mode = transaction
max_prepared_statements = 200
max_client_conn = 1000
default_pool_size = ${poolSize}
; Drivers set it at log-in, to a value that is PostgreSQL's own default.
ignore_startup_parameters = extra_float_digits
; A primary that is gone is asked for again ten times a second, not every fifteen seconds.
server_login_retry = 0.1
; A login that hangs while the primary changes is the floor of what a client waits.
server_connect_timeout = 1
query_wait_timeout = 30
server_check_delay = 5
; What went by the primary while no replica was there goes back to the replicas, between two transactions.
server_lifetime = ${endpoint === "ro" ? 30 : 600}
server_fast_close = 1
tcp_keepalive = 1
tcp_keepidle = 10
tcp_keepintvl = 3
tcp_keepcnt = 3
tcp_user_timeout = 10000
log_connections = 0
log_disconnections = 0
${tls ? tlsSettings(tls) : ""}`;
}

/** HAProxy passes on what it is given, so that the certificate behind it is that of PostgreSQL itself. */
function tlsSettings({ ca, identity }: TlsFiles): string {
  return `client_tls_sslmode = require
client_tls_cert_file = ${identity}
client_tls_key_file = ${identity}
client_tls_protocols = tlsv1.3
server_tls_sslmode = verify-full
server_tls_ca_file = ${ca}
; For the pooler's own role, which has no password. Whoever else comes by it is asked for one all the same.
server_tls_cert_file = ${identity}
server_tls_key_file = ${identity}
server_tls_protocols = tlsv1.3
`;
}

/**
 * PgBouncer holds no password: the logins it looks up, and itself it has a certificate. A client that gives its name
 * would be let in without any if it were not listed here, with keys that no password has.
 */
export function renderUserlist(): string {
  const zeros = (bytes: number): string => Buffer.alloc(bytes).toString("base64");
  return `"${poolerRole}" "SCRAM-SHA-256$4096:${zeros(16)}$${zeros(32)}:${zeros(32)}"\n`;
}
