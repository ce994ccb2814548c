import pg from "pg";
import { adminRole, poolerRole, replicationRole } from "../../../lib/cluster-config/topology.ts";
import { clientConfig, tlsOptions, type Connection } from "../../../lib/connection.ts";
import type { Identity } from "../test-authority.ts";
import type { Attack, Target } from "./attack.ts";

export const as = (connection: Connection, change: Partial<Connection>): Connection => ({
  ...connection,
  ...change,
});
const canLogIn = (target: Target): Promise<unknown> => target.sql(target.connection("app"), "SELECT 1");
const canPool = (target: Target): Promise<unknown> => target.sql(target.connection("app", "rw"), "SELECT 1");

/** What the pooler does, with the certificate of the container that it is run in. */
const lookUp = (instance: string): string => {
  const tls = "sslmode=verify-full sslrootcert=/etc/ecosphere/ca.pem";
  const own = "sslcert=/etc/ecosphere/tls.pem sslkey=/etc/ecosphere/tls.pem";
  const sql = "SELECT username FROM ecosphere.pooled_login('app')";
  return `psql -X -w -c "${sql}" "host=${instance} dbname=postgres user=${poolerRole} ${tls} ${own}"`;
};

/**
 * A connection as a replica would make one.
 * @param mode `true`: for WAL, `database`: for logical changes
 * @param identity the certificate that it shows
 */
export async function replicate(connection: Connection, mode: string, identity?: Identity): Promise<void> {
  const { ca = "", host } = connection;
  const config: pg.ClientConfig & { replication: string } = {
    ...clientConfig(connection, "attack"),
    ...(identity ? { ssl: { ...tlsOptions(ca, host), ...identity } } : {}),
    replication: mode,
  };
  const client = new pg.Client(config);
  client.on("error", () => undefined);
  // One that was turned away in the middle of a handshake has no end to wait for.
  await client.connect();
  try {
    await client.query("IDENTIFY_SYSTEM");
  } finally {
    await client.end().catch(() => undefined);
  }
}

export const loginAttacks: readonly Attack[] = [
  {
    title: "logging in as postgres over TCP",
    why: "pg_hba.conf refuses the superuser everywhere but on the local socket",
    attempt: (target) =>
      target.sql(as(target.connection("app"), { user: "postgres", password: "postgres" }), "SELECT 1"),
    refusal: /28000 .*pg_hba\.conf rejects/,
    control: (target) => target.superuser("SELECT 1"),
  },
  {
    title: "logging in with a wrong password",
    why: "every line of pg_hba.conf asks for SCRAM",
    attempt: (target) => target.sql(as(target.connection("app"), { password: "wrong" }), "SELECT 1"),
    refusal: /28P01/,
    control: canLogIn,
  },
  {
    title: "logging in with an empty password",
    why: "every line of pg_hba.conf asks for SCRAM",
    attempt: (target) => target.sql(as(target.connection("app"), { password: "" }), "SELECT 1"),
    refusal: /28P01|password must be/,
    control: canLogIn,
  },
  {
    title: "logging in with the verifier in the password's place",
    why: "SCRAM proves the password, from which alone the verifier follows",
    attempt: async (target) => {
      const verifier = await target.superuser("SELECT rolpassword FROM pg_authid WHERE rolname = 'app'");
      return target.sql(as(target.connection("app"), { password: verifier.trim() }), "SELECT 1");
    },
    refusal: /28P01/,
    control: canLogIn,
  },
  ...["commerce_owner", "commerce_writer", "ecosphere_loader"].map((user): Attack => ({
    title: `logging in as ${user}`,
    why: "a group has no LOGIN and no password",
    attempt: (target) => target.sql(as(target.connection("app"), { user }), "SELECT 1"),
    refusal: /28P01|28000/,
    control: canLogIn,
  })),
  ...["postgres", "template1"].map((database): Attack => ({
    title: `connecting to the database ${database} as app`,
    why: "CONNECT is taken from PUBLIC",
    attempt: (target) => target.sql(as(target.connection("app"), { database }), "SELECT 1"),
    refusal: /42501/,
    control: (target) => target.sql(as(target.connection("admin"), { database: "postgres" }), "SELECT 1"),
  })),
  {
    title: "reading the WAL as app",
    why: "pg_hba.conf has a line for replication by the replicator alone",
    attempt: (target) => replicate(target.connection("app"), "true"),
    refusal: /28000/,
    control: canLogIn,
  },
  ...(["app", "admin", "seeder"] as const).map((who): Attack => ({
    title: `reading logical changes as ${who}`,
    why: "the role has no REPLICATION",
    attempt: (target) => replicate(target.connection(who), "database"),
    refusal: /42501|28000/,
    // The role that has it gets as far as the password.
    control: (target) => target.sql(who, "SELECT 1"),
  })),
  {
    title: "reading the WAL as the replicator without its certificate",
    why: "replication takes an instance's certificate, and no password",
    attempt: (target) =>
      replicate(as(target.connection("app"), { user: replicationRole, password: "x" }), "true"),
    refusal: /28P01|28000/,
    control: (target) =>
      target.superuser(
        "SELECT 1/count(*) FROM pg_stat_replication WHERE usename = 'replicator' AND state = 'streaming'",
      ),
  },
  ...[adminRole, "postgres", replicationRole].map((user): Attack => ({
    title: `logging in to the pooler as ${user}`,
    why: "the pooler's one function finds no role that administers or replicates",
    attempt: (target) => {
      const { password } = target.connection("admin");
      return target.sql(as(target.connection("app", "rw"), { user, password }), "SELECT 1");
    },
    refusal: /08P01|28P01|28000/,
    control: canPool,
  })),
  {
    title: "opening the pooler's console as app",
    why: "the console is the pooler's own role's alone",
    attempt: (target) =>
      target.sql(as(target.connection("app", "rw"), { database: "pgbouncer" }), "SHOW CONFIG"),
    refusal: /08P01|28000|28P01|42501|not allowed/,
    control: (target) =>
      target.shell("proxy-1", "psql -X -h /tmp -p 6432 -U pgbouncer pgbouncer -c 'SHOW CONFIG'"),
  },
  {
    title: "opening the pooler's console as its role",
    why: "over TCP the console asks for SCRAM, and no password fits",
    attempt: (target) =>
      target.sql(
        as(target.connection("app", "rw"), { database: "pgbouncer", user: poolerRole, password: "x" }),
        "SHOW CONFIG",
      ),
    refusal: /08P01|28P01|28000/,
    control: (target) =>
      target.shell("proxy-1", "psql -X -h /tmp -p 6432 -U pgbouncer pgbouncer -c 'SHOW CONFIG'"),
  },
  {
    title: "logging in as the pooler's role without a certificate",
    why: "it has no password, and pg_hba.conf asks for a proxy's certificate",
    attempt: (target) => {
      const connection = { ...target.connection("app"), database: "postgres", user: poolerRole };
      return target.sql(as(connection, { password: "x" }), "SELECT 1");
    },
    refusal: /28000|28P01/,
    control: canLogIn,
  },
  {
    title: "logging in as the pooler's role with an instance's certificate",
    why: "pg_ident.conf takes those of the proxies for it, and no other part's",
    attempt: (target) => target.shell("pg-1", lookUp(target.primary)),
    refusal: /certificate authentication failed/,
    control: (target) => target.shell("proxy-1", lookUp(target.primary)),
  },
  {
    title: "asking for the verifier of another login",
    why: "ecosphere.pooled_login is the pooler's alone, in a database where no login gets in",
    attempt: (target) =>
      target.sql(
        as(target.connection("admin"), { database: "postgres" }),
        "SELECT * FROM ecosphere.pooled_login('app')",
      ),
    refusal: /42501/,
    control: (target) =>
      target.superuser("\\connect postgres", "SELECT 1/count(*) FROM ecosphere.pooled_login('app')"),
  },
];
