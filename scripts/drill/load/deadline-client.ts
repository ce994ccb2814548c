import { Client } from "pg";
import { addressesOf, clientConfig, type Connection } from "../../../lib/connection.ts";
import { applicationName } from "../drill-schema.ts";

/** Longer than this, no client of a drill waits for a connection or for an answer. */
export const deadlineMs = 1000;

/**
 * A client with short deadlines that goes on by the next way to the server when one is gone, as libpq does. A
 * deadline that has passed ends the connection and is never a cancel: a cancelled wait for a synchronous replica
 * would come back as a success.
 */
export class DeadlineClient {
  readonly #connection: Connection;
  #client: Client | undefined;
  #way: number;

  /** @param firstWay which of the connection's ways is tried first: clients spread over the proxies */
  constructor(connection: Connection, firstWay = 0) {
    this.#connection = connection;
    this.#way = firstWay;
  }

  /** Connects when there is no connection. @throws what the last way said, when no way leads to a server */
  async connect(): Promise<void> {
    if (this.#client) return;
    const ways = addressesOf(this.#connection);
    let last: unknown;
    for (let tried = 0; tried < ways.length; tried++) {
      const address = ways[this.#way % ways.length];
      const config = clientConfig({ ...this.#connection, ...address }, applicationName, deadlineMs);
      const client = new Client({ ...config, query_timeout: deadlineMs });
      client.on("error", () => undefined);
      try {
        await client.connect();
        this.#client = client;
        return;
      } catch (error) {
        last = error;
        this.#way++;
        end(client);
      }
    }
    throw last;
  }

  /** One row's values. Any error but the server's own refusal ends the connection. */
  async query(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown> | undefined> {
    const client = this.#client;
    if (!client) throw new Error("not connected");
    const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
    return rows[0];
  }

  drop(): void {
    if (this.#client) end(this.#client);
    this.#client = undefined;
  }
}

/** At once: the server may never answer. */
function end(client: Client): void {
  client.end().catch(() => undefined);
}

/** The SQLSTATE with which the server has answered. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.length === 5
    ? error.code
    : undefined;
}

/** Whether the server has said that nothing was written: it is a replica. */
export function isReplicaRefusal(error: unknown): boolean {
  return sqlState(error) === "25006";
}
