import type { LoginName } from "../../../lib/stack-outputs.ts";
import type { Attack } from "./attack.ts";

const denied = /42501/;
const notSuperuser = "a login is no superuser, nor a member of the role that may";
const noFiles = "only superusers and members of roles that nobody is in get at the server's files";
const notOwner = "the tables belong to commerce_owner, which no login is a member of";
const mayOnlyRead = "reporting has SELECT, and nothing else";

/** A statement that a login must not get through, and that the superuser does, in a transaction that is rolled back. */
function statement(who: LoginName, sql: string, why: string, more: Partial<Attack> = {}): Attack {
  return {
    title: `${sql} by ${who}`,
    why,
    attempt: (target) => target.sql(who, sql),
    refusal: denied,
    control: (target) => target.superuser("BEGIN", sql, "ROLLBACK"),
    ...more,
  };
}

/** For what goes without a transaction: a control of its own. */
const controlled = (...statements: readonly string[]): Partial<Attack> => ({
  control: (target) => target.superuser(...statements),
});

const climbs: readonly Attack[] = [
  ...["postgres", "commerce_owner", "ecosphere_admin", "ecosphere_loader", "replicator"].map((role) =>
    statement("app", `SET ROLE ${role}`, "app is a member of the writers alone"),
  ),
  statement("seeder", "SET ROLE commerce_owner", "the seeder writes rows and owns nothing"),
  statement("monitoring", "SET ROLE commerce_reader", "monitoring sees statistics and no row"),
  statement("app", "SET SESSION AUTHORIZATION postgres", notSuperuser),
  statement("app", "GRANT commerce_owner TO app", "app has ADMIN OPTION of no role"),
  statement("app", "ALTER ROLE app CREATEROLE", "app may create no roles"),
  statement("app", "CREATE ROLE intruder LOGIN", "app may create no roles"),
  statement("app", "ALTER ROLE reporting PASSWORD 'x'", "app may change nobody else's password"),
  ...["pg_read_all_data", "pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"].map(
    (role) =>
      statement(
        "admin",
        `GRANT ${role} TO ecosphere_admin`,
        "the admin may give what it was given: pg_monitor alone",
      ),
  ),
  statement("admin", "ALTER ROLE ecosphere_admin SUPERUSER", "only a superuser makes one"),
  statement("admin", "CREATE ROLE intruder SUPERUSER", "only a superuser makes one"),
  statement("admin", "CREATE ROLE intruder REPLICATION", "the admin has no REPLICATION to pass on"),
  statement("admin", "CREATE ROLE intruder BYPASSRLS", "the admin has no BYPASSRLS to pass on"),
  statement("admin", "ALTER ROLE postgres PASSWORD 'x'", "the superuser is nobody's to change"),
  statement("admin", "ALTER ROLE replicator PASSWORD 'x'", "Patroni's roles are not the admin's", {
    control: (target) =>
      target.superuser("BEGIN", "ALTER ROLE replicator VALID UNTIL '2100-01-01'", "ROLLBACK"),
  }),
  statement("admin", "ALTER ROLE pgbouncer SUPERUSER", "only a superuser makes one"),
];

const files: readonly Attack[] = [
  statement("app", "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'", noFiles),
  statement("admin", "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'", noFiles),
  statement("app", "COPY shop.categories (category_name) FROM PROGRAM 'echo x'", noFiles),
  statement("app", "COPY shop.categories (category_name) FROM '/etc/hostname'", noFiles),
  statement("app", "COPY (SELECT 1) TO '/tmp/attack'", noFiles),
  ...[
    "pg_read_file('/etc/ecosphere/patroni.yml')",
    "pg_read_binary_file('/etc/hostname')",
    "pg_ls_dir('/data')",
  ]
    .concat("pg_stat_file('/etc/hostname')", "pg_ls_logicalsnapdir()")
    .map((call) => statement("app", `SELECT ${call}`, noFiles)),
  statement("admin", "SELECT pg_read_file('/etc/ecosphere/patroni.yml')", noFiles),
  statement("app", "SELECT lo_import('/etc/hostname')", noFiles),
  statement(
    "reporting",
    "SELECT lo_from_bytea(0, 'x')",
    "large objects are taken from PUBLIC: a reader could fill the disk",
  ),
  statement(
    "reporting",
    "SELECT lo_create(0)",
    "large objects are taken from PUBLIC: a reader could fill the disk",
  ),
  statement(
    "app",
    "SELECT lo_export(1, '/tmp/attack')",
    noFiles,
    controlled("BEGIN", "SELECT lo_from_bytea(1, 'x')", "SELECT lo_export(1, '/tmp/attack')", "ROLLBACK"),
  ),
];

const code: readonly Attack[] = [
  statement(
    "admin",
    "CREATE FUNCTION shop.f() RETURNS integer LANGUAGE c AS 'plpgsql', 'plpgsql_call_handler'",
    "C is untrusted, and no role may use it",
  ),
  statement(
    "admin",
    "CREATE FUNCTION shop.f(text) RETURNS text LANGUAGE internal AS 'upper'",
    "internal is untrusted, and no role may use it",
  ),
  ...["dblink", "postgres_fdw", "file_fdw", "pgaudit", "pageinspect"].map((name) =>
    statement("admin", `CREATE EXTENSION ${name}`, "only a superuser makes an extension that is not trusted"),
  ),
  statement("app", "CREATE EXTENSION hstore", "app may create nothing in the database"),
  statement("app", "LOAD 'dblink'", "only superusers load libraries from anywhere"),
  statement("admin", "LOAD 'dblink'", "only superusers load libraries from anywhere"),
  statement(
    "admin",
    "CREATE EVENT TRIGGER t ON ddl_command_start EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "event triggers run as whoever comes by, so only superusers make them",
    controlled(
      "BEGIN",
      "CREATE FUNCTION public.t() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
      "CREATE EVENT TRIGGER t ON ddl_command_start EXECUTE FUNCTION public.t()",
      "ROLLBACK",
    ),
  ),
  statement(
    "app",
    "CREATE FUNCTION shop.lower(text) RETURNS text LANGUAGE sql RETURN 'x'",
    "nobody but the owner creates in shop, where everybody's search_path leads",
  ),
  statement(
    "app",
    "CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql RETURN 'x'",
    "PUBLIC may not even look into public",
  ),
  statement(
    "app",
    "CREATE OPERATOR shop.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
    "nobody but the owner creates in shop",
  ),
  statement("app", "CREATE TABLE public.t (a integer)", "PUBLIC may not even look into public"),
  statement("app", "CREATE TABLE shop.t (a integer)", "nobody but the owner creates in shop"),
  statement("app", "CREATE SCHEMA app", "app may create nothing in the database"),
  statement(
    "app",
    "CREATE TEMPORARY TABLE users (a integer)",
    "temporary tables, which hide others of their name, are nobody's",
  ),
];

const server: readonly Attack[] = [
  ...(["app", "admin"] as const).map((who) =>
    statement(
      who,
      "ALTER SYSTEM SET work_mem TO '4MB'",
      notSuperuser,
      controlled("ALTER SYSTEM SET work_mem TO '4MB'", "ALTER SYSTEM RESET work_mem"),
    ),
  ),
  ...["log_statement TO 'none'", "pgaudit.log TO 'none'", "log_min_messages TO 'panic'"].map((what) =>
    statement("admin", `SET ${what}`, "what is audited is the superuser's to say"),
  ),
  statement(
    "app",
    "SET session_replication_role TO replica",
    "foreign keys are switched off by the loader alone",
  ),
  ...["pg_reload_conf()", "pg_rotate_logfile()", "pg_switch_wal()", "pg_stat_reset()"].map((call) =>
    statement("monitoring", `SELECT ${call}`, "monitoring looks and changes nothing"),
  ),
  statement("app", "SELECT pg_create_restore_point('x')", notSuperuser),
  statement(
    "app",
    "SELECT pg_create_physical_replication_slot('attack')",
    "a slot would keep WAL until the disk is full",
    controlled(
      "SELECT pg_create_physical_replication_slot('attack')",
      "SELECT pg_drop_replication_slot('attack')",
    ),
  ),
  statement(
    "admin",
    "SELECT pg_create_logical_replication_slot('attack', 'pgoutput')",
    "a slot would keep WAL until the disk is full",
    controlled(
      "SELECT pg_create_logical_replication_slot('attack', 'pgoutput')",
      "SELECT pg_drop_replication_slot('attack')",
    ),
  ),
  statement(
    "admin",
    "CREATE SUBSCRIPTION s CONNECTION 'host=192.0.2.1' PUBLICATION p WITH (connect = false)",
    "nobody is in pg_create_subscription",
  ),
  statement("admin", "CREATE PUBLICATION p FOR ALL TABLES", "only superusers publish everything"),
  statement(
    "app",
    "CREATE DATABASE intruder",
    "app may create no database",
    controlled("CREATE DATABASE intruder", "DROP DATABASE intruder"),
  ),
  statement("app", `ALTER DATABASE "e-commerce" SET search_path TO public`, "the database is the owner's"),
  statement("app", `DROP DATABASE "e-commerce"`, "the database is the owner's", {
    control: (target) => target.superuser("SELECT 1/count(*) FROM pg_database WHERE datname = 'e-commerce'"),
    refusal: /42501|55006/,
  }),
  ...[
    "pg_authid",
    "pg_shadow",
    "pg_user_mapping",
    "pg_hba_file_rules",
    "pg_file_settings",
    "pg_largeobject",
  ].map((table) => statement("app", `SELECT * FROM ${table}`, "the server's secrets are the superuser's")),
  statement("admin", "SELECT rolpassword FROM pg_authid", "verifiers are not even the admin's"),
];

const rows: readonly Attack[] = [
  ...["TRUNCATE shop.reviews", "DROP TABLE shop.reviews", "ALTER TABLE shop.reviews DISABLE TRIGGER ALL"]
    .concat("CREATE INDEX ON shop.reviews (rating)", "ALTER TABLE shop.reviews OWNER TO app")
    .concat("CREATE RULE r AS ON INSERT TO shop.reviews DO INSTEAD NOTHING")
    .concat(
      "CREATE TRIGGER t BEFORE INSERT ON shop.reviews FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    )
    .concat("ALTER DEFAULT PRIVILEGES FOR ROLE commerce_owner GRANT ALL ON TABLES TO app")
    .map((sql) => statement("app", sql, notOwner)),
  ...[
    "DELETE FROM shop.reviews",
    "UPDATE shop.reviews SET rating = 5",
    "SELECT * FROM shop.reviews FOR UPDATE",
  ]
    .concat(
      "INSERT INTO shop.categories (category_name) VALUES ('x')",
      "DO $$ BEGIN LOCK TABLE shop.users IN ACCESS EXCLUSIVE MODE; END $$",
    )
    .concat("DELETE FROM shop.users_2024 WHERE false", "SELECT setval('shop.orders_order_id_seq', 1)")
    .map((sql) => statement("reporting", sql, mayOnlyRead)),
  ...["shop.users", "shop.users_2024", "seed.runs", "pg_statistic"].map((table) =>
    statement("monitoring", `SELECT * FROM ${table}`, "monitoring sees statistics and no row"),
  ),
  {
    title: "GRANT SELECT ON shop.users TO PUBLIC by app",
    why: "no right may be passed on: PostgreSQL warns, and grants nothing",
    attempt: async (target) => {
      await target.sql("app", "GRANT SELECT ON shop.users TO PUBLIC");
      await target.superuser("SELECT 1/has_table_privilege('public', 'shop.users', 'SELECT')::int");
    },
    refusal: /division by zero/,
    control: (target) =>
      target.superuser(
        "BEGIN",
        "GRANT SELECT ON shop.users TO PUBLIC",
        "SELECT 1/has_table_privilege('public', 'shop.users', 'SELECT')::int",
        "ROLLBACK",
      ),
  },
  statement("app", "DELETE FROM seed.runs", "the record of the seeds is the seeder's"),
];

export const sqlAttacks = { climbs, files, code, server, rows } as const;
