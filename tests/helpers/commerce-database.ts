import { randomBytes } from "node:crypto";
import { databaseName } from "../../lib/commerce-model.ts";
import { loaderRole } from "../../lib/cluster-config/topology.ts";
import { withClient, type Connection } from "../../lib/connection.ts";
import { quoteIdentifier, quoteLiteral } from "../../lib/identifier.ts";
import type { StackOutputs } from "../../lib/stack-outputs.ts";
import { commerceSchemaSql, type CommerceSchemaOptions } from "./commerce-sql.ts";

type Credentials = StackOutputs["credentials"];

/** A database with the nine tables, empty, and what a stack with it would tell. */
export interface CommerceDatabase extends AsyncDisposable {
  /** All endpoints and the one instance `pg-1` are the server itself. */
  readonly stack: StackOutputs;
  /** The superuser, in this database: for breaking things. */
  readonly superuser: Connection;
  /** Runs SQL as the superuser. */
  sql(text: string): Promise<void>;
}

/** Passwords for the roles of a stack, made up; `admin` is the superuser. */
function generateCredentials({ user, password }: Connection): Credentials {
  const login = (name: string): { user: string; password: string } => ({
    user: name,
    password: randomBytes(12).toString("hex"),
  });
  return {
    admin: { user, password },
    app: login("app"),
    reporting: login("reporting"),
    seeder: login("seeder"),
    monitoring: login("monitoring"),
  };
}

/** The roles of a stack. They belong to the server: once for all its databases. */
export async function createCommerceRoles(
  superuser: Connection,
  credentials = generateCredentials(superuser),
): Promise<Credentials> {
  const createLogin = (who: Exclude<keyof Credentials, "admin">, group: string): string =>
    `CREATE ROLE ${who} LOGIN PASSWORD ${quoteLiteral(credentials[who].password)} IN ROLE ${group}`;
  await execute(
    superuser,
    [
      "CREATE ROLE commerce_owner NOLOGIN",
      "CREATE ROLE commerce_reader NOLOGIN",
      "CREATE ROLE commerce_writer NOLOGIN IN ROLE commerce_reader",
      `CREATE ROLE ${loaderRole} NOLOGIN`,
      `GRANT SET ON PARAMETER session_replication_role TO ${loaderRole}`,
      `GRANT pg_maintain TO ${loaderRole}`,
      createLogin("app", "commerce_writer"),
      createLogin("reporting", "commerce_reader"),
      createLogin("seeder", `commerce_writer, ${loaderRole}`),
      createLogin("monitoring", "pg_monitor"),
      ...["app", "reporting", "seeder"].map((role) => `ALTER ROLE ${role} SET search_path TO shop`),
    ].join(";\n"),
  );
  return credentials;
}

/** @param name another name, or several can stand on one server */
export async function createCommerceDatabase(
  superuser: Connection,
  credentials: Credentials,
  name = databaseName,
  options: CommerceSchemaOptions = {},
): Promise<CommerceDatabase> {
  await execute(superuser, `CREATE DATABASE ${quoteIdentifier(name)} OWNER commerce_owner`);
  const database = openDatabase(superuser, credentials, name);
  await database.sql(
    `REVOKE ALL ON DATABASE ${quoteIdentifier(name)} FROM PUBLIC;
     GRANT CONNECT ON DATABASE ${quoteIdentifier(name)} TO app, reporting, seeder, monitoring`,
  );
  await database.sql(commerceSchemaSql(options));
  return database;
}

/** A copy of a database with its rows and grants, to break. Nobody may be connected to the original. */
export async function copyCommerceDatabase(
  original: CommerceDatabase,
  superuser: Connection,
  name: string,
): Promise<CommerceDatabase> {
  const template = original.superuser.database;
  await execute(superuser, `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${quoteIdentifier(template)}`);
  // Rights on the database itself are not copied.
  await execute(
    superuser,
    `REVOKE ALL ON DATABASE ${quoteIdentifier(name)} FROM PUBLIC;
     GRANT CONNECT ON DATABASE ${quoteIdentifier(name)} TO app, reporting, seeder, monitoring`,
  );
  return openDatabase(superuser, original.stack.credentials, name);
}

function openDatabase(superuser: Connection, credentials: Credentials, name: string): CommerceDatabase {
  const { host, port } = superuser;
  const endpoint = { host, port, database: name };
  const inside = { ...superuser, database: name };
  return {
    stack: {
      rw: endpoint,
      ro: endpoint,
      admin: endpoint,
      instances: [{ name: "pg-1", host, port }],
      credentials,
    },
    superuser: inside,
    sql: (text) => execute(inside, text),
    [Symbol.asyncDispose]: () =>
      execute(superuser, `DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`),
  };
}

async function execute(connection: Connection, text: string): Promise<void> {
  await withClient(connection, "ecosphere-test", (client) => client.query(text));
}
