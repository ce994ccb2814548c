import { Client, type ClientConfig } from "pg";

/** Where a server listens and whom to be there. The only shape in which the project passes a password on. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** A host, a port and a database: what a stack's outputs `rw`, `ro` and `admin` hold. */
export type Endpoint = Pick<Connection, "host" | "port" | "database">;

/** Options for `pg`. `connectTimeoutMs` bounds the TCP connect and the log-in together. */
export function clientConfig(
  connection: Connection,
  applicationName: string,
  connectTimeoutMs = 5000,
): ClientConfig {
  return {
    host: connection.host,
    port: connection.port,
    database: connection.database,
    user: connection.user,
    password: connection.password,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
  };
}

/** Runs `work` on a connection of its own, which is closed whatever happens. */
export async function withClient<T>(
  connection: Connection,
  applicationName: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(clientConfig(connection, applicationName));
  // A server that goes away between two queries emits this; the next query reports it.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** `postgresql://user@host:port/database`, for people: never with the password. */
export function describeConnection(connection: Omit<Connection, "password">): string {
  const { user, host, port, database } = connection;
  return `postgresql://${encodeURIComponent(user)}@${host}:${port}/${encodeURIComponent(database)}`;
}
