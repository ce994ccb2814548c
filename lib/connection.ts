import type { ConnectionOptions } from "node:tls";
import { Client, DatabaseError, type ClientConfig } from "pg";

/** Where something listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where a server listens and whom to be there. The only shape in which the project passes a password on. */
export interface Connection extends Address {
  /** Other ways to the same server, tried in their order when nobody listens at the first. */
  readonly alternatives?: readonly Address[] | undefined;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** The authorities, as PEM, by which the server is verified over TLS. Without them, the connection is plain. */
  readonly ca?: string | undefined;
}

/** A host, a port and a database: what a stack's outputs `rw`, `ro` and `admin` hold. */
export type Endpoint = Pick<Connection, "host" | "port" | "alternatives" | "database">;

/** Options for `pg`, by the first way alone. `connectTimeoutMs` bounds the TCP connect and the log-in together. */
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
    ...(connection.ca === undefined ? {} : { ssl: tlsOptions(connection.ca, connection.host) }),
  };
}

/** Options for TLS to `host`, verified by its name or address. */
export function tlsOptions(ca: string, host: string): ConnectionOptions {
  // Without the host, an address would be taken for "localhost".
  return { ca, host, minVersion: "TLSv1.3" };
}

/** Runs `work` on a connection of its own, which is closed whatever happens. */
export async function withClient<T>(
  connection: Connection,
  applicationName: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connect(connection, applicationName);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Every way to the server, the first first. */
export function addressesOf({
  host,
  port,
  alternatives = [],
}: Omit<Endpoint, "database">): readonly Address[] {
  return [{ host, port }, ...alternatives];
}

/** `postgresql://user@host:port,host:port/database`, as libpq reads it; for people: never with the password. */
export function describeConnection(connection: Omit<Connection, "password">): string {
  const { user, database } = connection;
  const places = addressesOf(connection).map(({ host, port }) => `${host}:${port}`);
  return `postgresql://${encodeURIComponent(user)}@${places.join(",")}/${encodeURIComponent(database)}`;
}

/** By the first way on which a server answers. @throws what the first way said, when there is none */
async function connect(connection: Connection, applicationName: string): Promise<Client> {
  let first: unknown;
  for (const address of addressesOf(connection)) {
    const client = new Client(clientConfig({ ...connection, ...address }, applicationName));
    // A server that goes away between two queries emits this; the next query reports it.
    client.on("error", () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      // An answer is an answer, on every way: a wrong password is not tried again.
      if (error instanceof DatabaseError) throw error;
      first ??= error;
    }
  }
  throw first;
}
