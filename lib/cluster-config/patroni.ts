import { stringify } from "yaml";
import { auditParameters, withAudit } from "./audit.ts";
import type { TlsFiles } from "./certificates.ts";
import { patroniNamespace, patroniScope, type EtcdLogin } from "./etcd-users.ts";
import {
  etcdClientPort,
  etcdNames,
  patroniPort,
  poolerRole,
  postgresPort,
  replicationRole,
  rewindRole,
  loaderRole,
} from "./topology.ts";

/** The passwords of replication and rewind, in a cluster without TLS. */
export interface PatroniSecrets {
  readonly replicationPassword: string;
  readonly rewindPassword: string;
}

/** How an instance shows the others who it is, and etcd. */
export interface PatroniCredentials extends TlsFiles {
  readonly etcd: EtcdLogin;
}

/**
 * Patroni's file for one instance. What stands under `bootstrap.dcs` is read once, when the cluster is born; from then on
 * it lives in etcd.
 * @param access how instances know each other: by their certificates, or without TLS by passwords
 */
export function renderPatroniConfig(
  instance: string,
  settings: ClusterSettings,
  access: PatroniCredentials | PatroniSecrets,
): string {
  const { etcd, restapi, ctl, parameters, replication, rewind, rules, identities } =
    "identity" in access ? byCertificate(access) : byPassword(access);
  const config = {
    scope: patroniScope,
    namespace: patroniNamespace,
    name: instance,
    restapi: { listen: `0.0.0.0:${patroniPort}`, connect_address: `${instance}:${patroniPort}`, ...restapi },
    ctl,
    etcd3: { hosts: etcdNames.map((name) => `${name}:${etcdClientPort}`), ...etcd },
    bootstrap: {
      dcs: settings,
      // no-sync: a host that dies during the first second leaves nothing that is worth keeping.
      initdb: [{ encoding: "UTF8" }, { locale: "C.UTF-8" }, "data-checksums", "no-sync"],
      post_bootstrap: "post-bootstrap",
    },
    postgresql: {
      listen: `0.0.0.0:${postgresPort}`,
      // A name, no address: Docker drops the name of a dead container at once.
      connect_address: `${instance}:${postgresPort}`,
      data_dir: "/data/postgres/main",
      bin_dir: "/usr/lib/postgresql/17/bin",
      pgpass: "/tmp/pgpass",
      use_unix_socket: true,
      basebackup: [{ checkpoint: "fast" }, "no-sync"],
      authentication: {
        superuser: { username: "postgres" },
        replication: { username: replicationRole, ...replication },
        rewind: { username: rewindRole, ...rewind },
      },
      parameters: {
        unix_socket_directories: "/run/postgresql",
        password_encryption: "scram-sha-256",
        ...parameters,
      },
      pg_hba: ["local all postgres peer map=local", "host all postgres all reject", ...rules],
      pg_ident: ["local postgres postgres", ...identities],
    },
  };
  // Patroni reads YAML 1.1, for which an unquoted `on` is no text.
  return stringify(config, { version: "1.1" });
}

/** Who comes without TLS finds no rule; replication, rewind and the pooler have no password, and nobody else a certificate. */
function byCertificate({ ca, identity, etcd: { file, username, password } }: PatroniCredentials) {
  const client = { sslmode: "verify-full", sslrootcert: ca, sslcert: identity, sslkey: identity };
  const rule = (database: string, role: string, map: string): string =>
    `hostssl ${database} ${role} samenet cert map=${map}`;
  return {
    etcd: { protocol: "https", cacert: file, cert: file, key: file, username, password },
    restapi: { certfile: identity, keyfile: identity, cafile: ca, verify_client: "required" },
    // For what it asks the others' interfaces: who may take over, and in failsafe mode whether they still follow.
    ctl: { certfile: identity, keyfile: identity, cacert: ca },
    parameters: {
      ssl: "on",
      ssl_cert_file: identity,
      ssl_key_file: identity,
      ssl_ca_file: ca,
      ssl_min_protocol_version: "TLSv1.3",
    },
    replication: client,
    rewind: client,
    rules: [
      rule("replication", replicationRole, "instances"),
      rule("postgres", rewindRole, "instances"),
      rule("postgres", poolerRole, "proxies"),
      "hostssl all all all scram-sha-256",
    ],
    // Every part has a certificate by the same authority; these are the instances', and the proxies'.
    identities: [
      ...[replicationRole, rewindRole].map((role) => `instances /^pg-[0-9]+$ ${role}`),
      `proxies /^proxy-[0-9]+$ ${poolerRole}`,
    ],
  };
}

function byPassword({ replicationPassword, rewindPassword }: PatroniSecrets) {
  return {
    etcd: {},
    restapi: {},
    ctl: {},
    parameters: {},
    replication: { password: replicationPassword },
    rewind: { password: rewindPassword },
    rules: [`host replication ${replicationRole} samenet scram-sha-256`, "host all all all scram-sha-256"],
    identities: [],
  };
}

/**
 * The SQL that makes the roles Pulumi cannot make: its own, the pooler's with the one function that tells it
 * verifiers, and the loader's; and that takes the two databases which are there from the start away from everybody
 * else. Run once, as superuser, over the local socket. No role has a password yet: see lib/cluster/set-passwords.ts.
 */
export function renderPostBootstrapSql(role: string): string {
  return [
    `CREATE ROLE ${role} LOGIN NOSUPERUSER CREATEROLE CREATEDB;`,
    // A role that it creates grants itself to it, or it could neither SET ROLE to it nor own for it.
    `ALTER ROLE ${role} SET createrole_self_grant = 'set, inherit';`,
    // The server's own schema comes before these, and nobody but a database's owner creates in its public. Named here,
    // pg_catalog would be where an extension is put.
    ...[role, "postgres"].map((each) => `ALTER ROLE ${each} SET search_path = public, pg_temp;`),
    `GRANT pg_monitor TO ${role} WITH ADMIN OPTION;`,
    // Patroni makes it complete in the next moment; a rewind connects to this database.
    `CREATE ROLE ${rewindRole} LOGIN;`,
    "REVOKE ALL ON DATABASE postgres, template0, template1 FROM PUBLIC;",
    `CREATE ROLE ${poolerRole} LOGIN NOINHERIT;`,
    `GRANT CONNECT ON DATABASE postgres TO ${role}, ${rewindRole}, ${poolerRole};`,
    ...[rewindRole, poolerRole].map((each) => `ALTER ROLE ${each} SET search_path = pg_catalog, pg_temp;`),
    pooledLoginSql,
    `CREATE ROLE ${loaderRole} NOLOGIN;`,
    `GRANT SET ON PARAMETER session_replication_role TO ${loaderRole};`,
    `GRANT pg_maintain TO ${loaderRole};`,
    `GRANT ${loaderRole} TO ${role} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`,
    "",
  ].join("\n");
}

// Roles that administer or replicate do not log in through a pooler, whatever they know.
const pooledLoginSql = `CREATE SCHEMA ecosphere;
CREATE FUNCTION ecosphere.pooled_login(login text) RETURNS TABLE (username text, verifier text)
  LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    SELECT rolname::text, rolpassword FROM pg_authid
     WHERE rolname = login AND rolcanlogin AND rolpassword LIKE 'SCRAM-SHA-256$%'
       AND NOT (rolsuper OR rolreplication OR rolcreaterole OR rolcreatedb OR rolbypassrls)
       AND (rolvaliduntil IS NULL OR rolvaliduntil > now())
  $$;
REVOKE ALL ON FUNCTION ecosphere.pooled_login FROM PUBLIC;
GRANT USAGE ON SCHEMA ecosphere TO ${poolerRole};
GRANT EXECUTE ON FUNCTION ecosphere.pooled_login TO ${poolerRole};`;

export const postBootstrapFile = "post-bootstrap.sql";
export const patroniFile = "patroni.yml";

/** What a stack decides of the settings that all its instances share. */
export interface SettingChoices {
  readonly synchronous: SynchronousMode;
  /** Parameters of PostgreSQL by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** MiB that one instance may have. */
  readonly instanceMemory: number;
}

export const synchronousModes = ["quorum", "async"] as const;
export type SynchronousMode = (typeof synchronousModes)[number];

export type ClusterSettings = ReturnType<typeof clusterSettings>;

/**
 * Patroni's settings of the whole cluster: what it is born with, and what is brought to it as long as it lives.
 * Seconds unless a unit is given. Reasons: docs/decisions/0003-patroni-settings.md.
 */
export function clusterSettings({ synchronous, parameters, instanceMemory }: SettingChoices) {
  const isSynchronous = synchronous === "quorum";
  return {
    ...commonSettings,
    synchronous_mode: isSynchronous ? ("quorum" as const) : false,
    synchronous_mode_strict: isSynchronous,
    postgresql: {
      ...commonSettings.postgresql,
      parameters: {
        ...commonSettings.postgresql.parameters,
        shared_buffers: `${Math.floor(instanceMemory / 4)}MB`,
        ...withAudit(parameters),
      },
    },
  };
}

const commonSettings = {
  ttl: 20,
  loop_wait: 1,
  retry_timeout: 5,
  maximum_lag_on_failover: 32 * 1024 ** 2,
  primary_start_timeout: 0,
  primary_stop_timeout: 10,
  check_timeline: true,
  failsafe_mode: true,
  synchronous_node_count: 1,
  postgresql: {
    use_pg_rewind: true,
    use_slots: true,
    remove_data_directory_on_rewind_failure: true,
    parameters: {
      wal_level: "logical",
      hot_standby: "on",
      hot_standby_feedback: "on",
      max_connections: 200,
      max_wal_senders: 12,
      max_replication_slots: 12,
      wal_log_hints: "on",
      wal_keep_size: "128MB",
      max_slot_wal_keep_size: "2GB",
      wal_compression: "lz4",
      wal_sender_timeout: "5s",
      wal_receiver_timeout: "5s",
      wal_retrieve_retry_interval: "500ms",
      tcp_keepalives_idle: 10,
      tcp_keepalives_interval: 3,
      tcp_keepalives_count: 3,
      // A login that is begun and not gone on with holds one of the connections.
      authentication_timeout: "10s",
      ...auditParameters,
    },
  },
};
