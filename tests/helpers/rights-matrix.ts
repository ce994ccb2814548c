import type { ClientBase } from "pg";
import { databaseName } from "../../lib/commerce-model.ts";
import {
  adminRole,
  loaderRole,
  poolerRole,
  replicationRole,
  rewindRole,
} from "../../lib/cluster-config/topology.ts";

/** Everybody there is; PUBLIC stands for any role that is made tomorrow. */
export const everybody = [
  ...["public", "commerce_owner", "commerce_writer", "commerce_reader", "app", "reporting", "seeder"],
  ...["monitoring", adminRole, poolerRole, replicationRole, rewindRole, loaderRole],
] as const;
export type Role = (typeof everybody)[number];

// The admin is a member of every role that it has made.
const owners: readonly Role[] = ["commerce_owner", adminRole];
const writers: readonly Role[] = [...owners, "commerce_writer", "app", "seeder"];
const readers: readonly Role[] = [...writers, "commerce_reader", "reporting"];
const seeders: readonly Role[] = [...owners, "seeder"];
// The admin by way of the seeder.
const loaders: readonly Role[] = [loaderRole, "seeder", adminRole];
const maintainers: readonly Role[] = [...seeders, loaderRole];
const nobody: readonly Role[] = [];

/** Who may do what: by verb, and whoever is not named is denied. */
type Verbs = Readonly<Record<string, readonly Role[]>>;

const shopTable: Verbs = {
  ...{ SELECT: readers, INSERT: writers, UPDATE: writers, DELETE: writers, TRUNCATE: seeders },
  ...{ REFERENCES: owners, TRIGGER: owners, MAINTAIN: maintainers },
};
const seedTable: Verbs = {
  ...shopTable,
  INSERT: seeders,
  UPDATE: seeders,
  DELETE: seeders,
  TRUNCATE: owners,
};
const ownersOnly = (...verbs: readonly string[]): Verbs =>
  Object.fromEntries(verbs.map((verb) => [verb, owners]));

/** By kind of object as the server's has_KIND_privilege has it, then by object. */
const matrix: Readonly<Record<string, Readonly<Record<string, Verbs>>>> = {
  database: {
    [databaseName]: { CONNECT: [...readers, "monitoring"], ...ownersOnly("CREATE", "TEMPORARY") },
    postgres: { CONNECT: [adminRole, poolerRole, rewindRole], CREATE: nobody, TEMPORARY: nobody },
    template0: { CONNECT: nobody, CREATE: nobody, TEMPORARY: nobody },
    template1: { CONNECT: nobody, CREATE: nobody, TEMPORARY: nobody },
  },
  schema: {
    shop: { USAGE: readers, CREATE: owners },
    seed: { USAGE: readers, CREATE: owners },
    public: { USAGE: owners, CREATE: owners },
    pg_catalog: { USAGE: everybody, CREATE: nobody },
  },
  table: {
    // A plain table, a partitioned one, a partition; and what the owner makes after the grants, see `futureObjects`.
    ...Object.fromEntries(
      ["orders", "categories", "users", "users_2024", "later", "later_parted", "users_later"].map((name) => [
        `shop.${name}`,
        shopTable,
      ]),
    ),
    "seed.runs": seedTable,
    "seed.ranges": seedTable,
    "pg_catalog.pg_authid": { SELECT: nobody, UPDATE: nobody },
    "pg_catalog.pg_user_mapping": { SELECT: nobody },
    "pg_catalog.pg_largeobject": { SELECT: nobody, INSERT: nobody },
    "pg_catalog.pg_proc": { SELECT: everybody, UPDATE: nobody },
    "pg_catalog.pg_hba_file_rules": { SELECT: nobody },
    "pg_catalog.pg_file_settings": { SELECT: nobody },
  },
  sequence: Object.fromEntries(
    ["orders_order_id_seq", "users_user_id_seq", "later_id_seq"].map((name) => [
      `shop.${name}`,
      { USAGE: writers, SELECT: writers, UPDATE: seeders },
    ]),
  ),
  function: {
    ...Object.fromEntries(
      [
        ...["pg_read_file(text)", "pg_read_binary_file(text)", "pg_ls_dir(text)", "pg_stat_file(text)"],
        ...["lo_import(text)", "lo_export(oid,text)", "lo_creat(integer)", "lo_create(oid)"],
        ...["lo_from_bytea(oid,bytea)"],
        ...["pg_reload_conf()", "pg_rotate_logfile()", "pg_switch_wal()", "pg_create_restore_point(text)"],
        ...["pg_promote(boolean,integer)", "pg_wal_replay_pause()", "pg_backup_start(text,boolean)"],
        ...["pg_stat_reset()", "pg_log_backend_memory_contexts(integer)", "pg_current_logfile()"],
      ].map((name) => [name, { EXECUTE: name.startsWith("pg_current") ? monitors() : nobody }]),
    ),
    "pg_ls_waldir()": { EXECUTE: monitors() },
  },
  language: { c: { USAGE: nobody }, internal: { USAGE: nobody }, plpgsql: { USAGE: everybody } },
  parameter: {
    session_replication_role: { SET: loaders, "ALTER SYSTEM": nobody },
    log_statement: { SET: nobody, "ALTER SYSTEM": nobody },
    "pgaudit.log": { SET: nobody, "ALTER SYSTEM": nobody },
  },
  // Who may become whom by SET ROLE; every role may be itself.
  role: {
    ...Object.fromEntries(
      [
        ...[
          "postgres",
          "pg_read_all_data",
          "pg_write_all_data",
          "pg_read_server_files",
          "pg_write_server_files",
        ],
        ...["pg_execute_server_program", "pg_signal_backend", "pg_create_subscription", "pg_checkpoint"],
        ...[adminRole, poolerRole, replicationRole, rewindRole],
      ].map((role) => [role, { SET: everybody.filter((each) => each === role) }]),
    ),
    commerce_owner: { SET: owners },
    commerce_writer: { SET: ["commerce_writer", "app", "seeder", adminRole] },
    commerce_reader: { SET: readers.filter((role) => role !== "commerce_owner") },
    app: { SET: ["app", adminRole] },
    seeder: { SET: ["seeder", adminRole] },
    reporting: { SET: ["reporting", adminRole] },
    monitoring: { SET: ["monitoring", adminRole] },
    [loaderRole]: { SET: loaders },
    pg_maintain: { SET: loaders },
    pg_monitor: { SET: ["monitoring", adminRole] },
  },
};

function monitors(): readonly Role[] {
  return ["monitoring", adminRole];
}

/** What the owner makes long after the grants: a table with a sequence, one that is partitioned, a partition. */
export const futureObjects = `
  SET ROLE commerce_owner;
  CREATE TABLE shop.later (id serial PRIMARY KEY);
  CREATE TABLE shop.later_parted (id integer) PARTITION BY HASH (id);
  CREATE TABLE shop.users_later PARTITION OF shop.users FOR VALUES FROM ('2090-01-01') TO ('2091-01-01');
  RESET ROLE`;

interface Cell {
  readonly kind: string;
  readonly object: string;
  readonly verb: string;
  readonly role: Role;
  readonly isAllowed: boolean;
}

/** One cell for every role, object and verb. PUBLIC is no role that somebody could be a member of. */
export const cells: readonly Cell[] = Object.entries(matrix).flatMap(([kind, objects]) =>
  Object.entries(objects).flatMap(([object, verbs]) =>
    Object.entries(verbs).flatMap(([verb, allowed]) =>
      everybody
        .filter((role) => kind !== "role" || role !== "public")
        .map((role) => ({ kind, object, verb, role, isAllowed: allowed.includes(role) })),
    ),
  ),
);

const answerSql = `
  SELECT n.at::int AS at, CASE c.kind
    WHEN 'database' THEN has_database_privilege(c.role, c.object, c.verb)
    WHEN 'schema' THEN has_schema_privilege(c.role, c.object, c.verb)
    WHEN 'table' THEN has_table_privilege(c.role, c.object, c.verb)
    WHEN 'sequence' THEN has_sequence_privilege(c.role, c.object, c.verb)
    WHEN 'function' THEN has_function_privilege(c.role, c.object, c.verb)
    -- Whatever its grants say, one that is not trusted is the superuser's.
    WHEN 'language' THEN has_language_privilege(c.role, c.object, c.verb)
                     AND (SELECT lanpltrusted FROM pg_language WHERE lanname = c.object)
    WHEN 'parameter' THEN has_parameter_privilege(c.role, c.object, c.verb)
    WHEN 'role' THEN pg_has_role(c.role, c.object, c.verb) END AS may
  FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS n (cell, at),
       jsonb_to_record(n.cell) AS c (kind text, object text, verb text, role text)`;

/** Every cell in which the server says otherwise, as a sentence. Needs the future objects. */
export async function wrongRights(client: ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ at: number; may: boolean }>(answerSql, [JSON.stringify(cells)]);
  return rows.flatMap(({ at, may }) => {
    const cell = cells[at - 1];
    if (!cell || cell.isAllowed === may) return [];
    return [`${cell.role} ${may ? "may" : "may not"} ${cell.verb} ${cell.kind} ${cell.object}`];
  });
}

/** What PUBLIC has been given in schemas that are not the server's, and what anybody may pass on: both none. */
export const strayGrants = `
  SELECT a.grantee::regrole::text AS grantee, o.name, a.privilege_type AS verb
    FROM (SELECT oid::regclass::text AS name, relacl AS acl, relnamespace AS schema, relowner AS owner FROM pg_class
          UNION ALL SELECT oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner)), pronamespace, proowner FROM pg_proc
          UNION ALL SELECT nspname, nspacl, oid, nspowner FROM pg_namespace) AS o,
         aclexplode(o.acl) AS a
   WHERE o.schema NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
     AND (a.grantee = 0 OR a.is_grantable AND a.grantee <> o.owner)`;

/** The attributes that make a role mighty, of every role that is not the server's own. */
export const mightyRoles = `
  SELECT rolname AS name, concat_ws(' ', CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
           CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolreplication THEN 'REPLICATION' END,
           CASE WHEN rolbypassrls THEN 'BYPASSRLS' END) AS attributes
    FROM pg_roles WHERE rolname !~ '^pg_' AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
   ORDER BY 1`;
