import type { PoolClient, QueryResultRow } from "pg";
import { clientConfig, describeConnection, type Connection } from "../../../lib/connection.ts";
import { messageOf, UserError } from "../../../lib/errors.ts";
import { eventually } from "../../../lib/poll.ts";
import { quoteIdentifier } from "../../../lib/identifier.ts";
import { noAnswers, type Answers, type Question } from "../plan/question.ts";
import { Lane } from "./lane.ts";
import { isLoginRefused, isUnreachable } from "../../../lib/unreachable.ts";
import { explain, isDatabaseGone, isWorthRetrying } from "./sql-fault.ts";

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
const readTimeoutMs = 10_000;
/** A question may read a whole table; what takes longer is left to the statement that needs the answer. */
const askTimeoutMs = 30_000;
/** How long a write waits for a server that is starting, or changing its primary. */
const connectBudgetMs = 10_000;
/** How long a failed read speaks for those behind it: a refresh of many tables waits once, not once a table. */
const failureHoldsMs = 3_000;

/** How long a read is tried again while somebody holds a table exclusively. */
const lockedReadBudgetMs = 30_000;

/** One connection of a database, for queries. */
export interface Session {
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** A few connections to one database, opened when needed and closed when idle. */
export class Database {
  readonly #connection: Connection;
  readonly #reads: Lane;
  readonly #writes: Lane;
  readonly #prepared = new WeakSet<PoolClient>();
  #lastFailure: { readonly error: unknown; readonly at: number } | undefined;

  constructor(connection: Connection, applicationName: string) {
    this.#connection = connection;
    const config = clientConfig(connection, applicationName);
    this.#reads = new Lane(config, 4);
    this.#writes = new Lane(config, 8);
  }

  /**
   * Runs catalogue queries, which lock nothing that a user could wait for. Of a server that does not answer it
   * says so quickly.
   */
  async read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#reads.inTurn(async (connect) => {
      const failure = this.#lastFailure;
      if (failure && Date.now() - failure.at < failureHoldsMs) throw failure.error;
      try {
        return await this.#query(() => this.#prepare(connect), work);
      } catch (error) {
        if (isUnreachable(error)) this.#lastFailure = { error, at: Date.now() };
        throw error;
      }
    });
  }

  /** As `read`, but waits for a server that is just starting: for what a change needs to know. */
  async readPatiently<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#reads.inTurn((connect) => this.#query(() => this.#prepareWithin(connect, signal), work));
  }

  /**
   * Puts questions to the server, each in a read-only transaction of its own with the rights of `role`. One that
   * fails (a time-out, a missing right) is left out.
   * @throws when the server cannot be reached
   */
  async ask(questions: readonly Question[], role: string | undefined): Promise<Answers> {
    if (questions.length === 0) return noAnswers;
    return this.#reads.inTurn(async (connect) => {
      const client = await this.#prepare(connect).catch((error: unknown) => {
        throw this.#explain(error, false);
      });
      const answers = new Map<string, readonly unknown[]>();
      try {
        for (const { key, sql, values = [] } of questions) {
          await client.query("BEGIN READ ONLY");
          try {
            if (role !== undefined) await client.query(`SET LOCAL ROLE ${quoteIdentifier(role)}`);
            // With row security in force an answer could miss rows; off, it fails instead.
            await client.query(`SET LOCAL row_security = off; SET LOCAL statement_timeout = ${askTimeoutMs}`);
            answers.set(key, (await client.query<Record<string, unknown>>(sql, [...values])).rows);
          } catch (error) {
            if (isUnreachable(error)) throw error;
          } finally {
            await client.query("ROLLBACK");
          }
        }
        client.release();
        return answers;
      } catch (error) {
        client.release(true);
        throw this.#explain(error, true);
      }
    });
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
    return this.#writes.inTurn(async (connect) => {
      const client = await this.#prepareWithin(connect, signal);
      let isClean = false;
      try {
        const result = await work(client);
        isClean = isLocal;
        return result;
      } finally {
        client.release(!isClean);
      }
    });
  }

  /** The address, without the password. */
  toString(): string {
    return describeConnection(this.#connection);
  }

  async close(): Promise<void> {
    await Promise.all([this.#reads.close(), this.#writes.close()]);
  }

  async #query<T>(take: () => Promise<PoolClient>, work: (session: Session) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined;
    try {
      client = await take();
      const result = await withRetries(work, sessionOf(client));
      client.release();
      return result;
    } catch (error) {
      client?.release(true);
      throw this.#explain(error, client !== undefined);
    }
  }

  async #prepareWithin(connect: () => Promise<PoolClient>, signal: AbortSignal): Promise<PoolClient> {
    const end = Date.now() + connectBudgetMs;
    // The attempt after the end is the one whose error is told.
    const deadline = { what: this.toString(), withinMs: 2 * connectBudgetMs, everyMs: 500, signal };
    const attempt = await eventually(deadline, async (observe) => {
      try {
        return { client: await this.#prepare(connect) };
      } catch (error) {
        if (!isUnreachable(error) || Date.now() >= end) return { error: this.#explain(error, false) };
        observe(messageOf(error));
        return undefined;
      }
    });
    if ("error" in attempt) throw attempt.error;
    return attempt.client;
  }

  async #prepare(connect: () => Promise<PoolClient>): Promise<PoolClient> {
    const client = await connect();
    if (this.#prepared.has(client)) return client;
    try {
      await client.query(sessionSettings);
      const { rows } = await client.query<{ isReplica: boolean }>(
        'SELECT pg_catalog.pg_is_in_recovery() AS "isReplica"',
      );
      if (rows[0]?.isReplica === true) throw this.#replica();
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.#prepared.add(client);
    return client;
  }

  #replica(): UserError {
    return new UserError(
      "replica",
      `${this.toString()} is a replica, which takes no changes and may lag behind`,
      "Give the provider the admin endpoint (the stack's output `admin`), which leads to the primary.",
    );
  }

  /** Errors of connecting, in words; those of a query are the caller's to explain, unless the server went away. */
  #explain(error: unknown, isConnected: boolean): unknown {
    if (error instanceof UserError || isDatabaseGone(error)) return error;
    const isGone = isUnreachable(error);
    if (isConnected && !isGone) return explain(error, `reading the catalogue of ${this.toString()}`);
    const hint = isGone
      ? "Check that the server runs, and that the provider's host and port lead to it."
      : "Check the provider's username, password and database.";
    const code = isGone ? "unreachable" : isLoginRefused(error) ? "login-refused" : "connect";
    const message = `cannot work with ${this.toString()}: ${messageOf(error)}`;
    return new UserError(code, message, hint);
  }
}

/** Printing an expression locks its table for a moment, so a read can lose against somebody else's DDL. */
async function withRetries<T>(work: (session: Session) => Promise<T>, session: Session): Promise<T> {
  const end = Date.now() + lockedReadBudgetMs;
  for (;;) {
    try {
      return await work(session);
    } catch (error) {
      if (!isWorthRetrying(error) || Date.now() >= end) throw error;
    }
  }
}

function sessionOf(client: PoolClient): Session {
  return {
    query: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) => {
      // A time-out for one query is in pg, but not in its types.
      const query = { text: sql, values: [...values], query_timeout: readTimeoutMs };
      return (await client.query<Row>(query)).rows;
    },
  };
}
