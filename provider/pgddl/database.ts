import { Pool, type PoolClient, type QueryResultRow } from "pg";
import { clientConfig, describeConnection, type Connection } from "../../lib/connection.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import { eventually } from "../../lib/poll.ts";
import { isDatabaseGone, isUnreachable } from "./sql-fault.ts";

/** Texts of the catalogue depend on each of these; without them the same object reads differently elsewhere. */
const sessionSettings = `
  SET TimeZone = 'UTC';
  SET DateStyle = 'ISO, YMD';
  SET IntervalStyle = 'postgres';
  SET search_path = '';
  SET quote_all_identifiers = off;
  SET client_min_messages = warning;
  SET lock_timeout = '2s';
  SET statement_timeout = '60s'`;

/** Longer than any catalogue query; ends the wait for a server that stopped answering. */
const readTimeoutMs = 15_000;
/** How long a write waits for a server that is starting, or changing its primary. */
const connectBudgetMs = 10_000;

/** One connection of a database, for queries. */
export interface Session {
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** A few connections to one database, opened when needed and closed when idle. */
export class Database {
  readonly #connection: Connection;
  readonly #pool: Pool;
  readonly #prepared = new WeakSet<PoolClient>();

  constructor(connection: Connection, applicationName: string) {
    this.#connection = connection;
    this.#pool = new Pool({
      ...clientConfig(connection, applicationName),
      max: 4,
      idleTimeoutMillis: 1000,
      allowExitOnIdle: true,
    });
    // A server that goes away closes idle connections; the next query opens another.
    this.#pool.on("error", () => undefined);
  }

  /** Runs catalogue queries. They lock nothing that a user could wait for. */
  async read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    return this.#using(client, () =>
      work({
        query: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) => {
          // A timeout for each query is in pg, but not in its types.
          const query = { text: sql, values: [...values], query_timeout: readTimeoutMs };
          return (await client.query<Row>(query)).rows;
        },
      }),
    );
  }

  /**
   * Gives `work` a connection, waiting for a server that is just starting.
   * @param isLocal whether `work` leaves no setting behind when it succeeds, so that the connection can be kept
   */
  async write<T>(
    signal: AbortSignal,
    isLocal: boolean,
    work: (client: PoolClient) => Promise<T>,
  ): Promise<T> {
    const deadline = { what: this.toString(), withinMs: connectBudgetMs, everyMs: 500, signal };
    const attempt = await eventually(deadline, async (observe) => {
      try {
        return { client: await this.#connect() };
      } catch (error) {
        if (!isUnreachable(error)) return { error };
        observe(messageOf(error));
        return undefined;
      }
    });
    if ("error" in attempt) throw attempt.error;
    let isClean = false;
    try {
      const result = await work(attempt.client);
      isClean = isLocal;
      return result;
    } finally {
      attempt.client.release(!isClean);
    }
  }

  /** The address, without the password. */
  toString(): string {
    return describeConnection(this.#connection);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #connect(): Promise<PoolClient> {
    let client: PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw this.#explain(error);
    }
    if (this.#prepared.has(client)) return client;
    try {
      await client.query(sessionSettings);
      const { rows } = await client.query<{ isReplica: boolean }>(
        'SELECT pg_catalog.pg_is_in_recovery() AS "isReplica"',
      );
      if (rows[0]?.isReplica === true) throw this.#replica();
    } catch (error) {
      client.release(true);
      throw this.#explain(error);
    }
    this.#prepared.add(client);
    return client;
  }

  async #using<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      throw isUnreachable(error) ? this.#explain(error) : error;
    }
  }

  #replica(): UserError {
    return new UserError(
      "replica",
      `${this.toString()} is a replica, which takes no changes and may lag behind`,
      "Give the provider the admin endpoint (the stack's output `admin`), which leads to the primary.",
    );
  }

  #explain(error: unknown): unknown {
    if (error instanceof UserError || isDatabaseGone(error)) return error;
    const code = isUnreachable(error) ? "unreachable" : "connect";
    return new UserError(code, `cannot work with ${this.toString()}: ${messageOf(error)}`, connectHint(code));
  }
}

function connectHint(code: "unreachable" | "connect"): string {
  return code === "unreachable"
    ? "Check that the server runs, and that the provider's host and port lead to it."
    : "Check the provider's username, password and database.";
}
