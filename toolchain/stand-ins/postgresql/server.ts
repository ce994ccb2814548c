import pg from "pg";
import { clientConfig, describeConnection } from "../../../lib/connection.ts";
import { steadyPool } from "../../../lib/connection-pool.ts";
import { messageOf } from "../../../lib/errors.ts";
import { failure, isPassing, isUnreachable, Unreachable } from "./failure.ts";
import type { Settings } from "./settings.ts";

/** Statements on one connection. */
export interface Session {
  run(sql: string): Promise<void>;
  rows<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

// One lock for all changes of a database: two GRANTs at once on one object fail in the server.
const lockKey = 0x70_67_73_69;
const idleMs = 2000;
const attempts = 12;
const waitForLockMs = 10_000;
/** How long a read waits for a server that does not answer before it falls back on what is known. */
const readPatienceMs = 3000;
const retryDownMs = 10_000;
const longestAttemptMs = 5000;

/** The server: a few connections to each database, opened when needed and closed when idle. */
export class Server {
  readonly settings: Settings;
  readonly #pools = new Map<string, pg.Pool>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #down: { readonly since: number; readonly lastTried: number; readonly reason: string } | undefined;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** The database to be in for what belongs to no database: roles and databases. */
  get home(): string {
    return this.settings.connection.database;
  }

  /** Reads without locks. Gives up early on a server that is down: a stack must be readable then too. */
  async read<T>(database: string, doing: string, work: (session: Session) => Promise<T>): Promise<T> {
    const down = this.#down;
    const patienceMs = Math.min(readPatienceMs, this.settings.connectTimeoutMs);
    if (down && Date.now() - down.since > patienceMs && Date.now() - down.lastTried < retryDownMs) {
      throw this.#unreachable(database, doing);
    }
    return this.#with(database, doing, patienceMs, work);
  }

  /** One transaction under the database's lock, tried again when another session was in the way. */
  async change<T>(database: string, doing: string, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#inTurn(database, () =>
      persistently(() =>
        this.#with(database, doing, this.settings.connectTimeoutMs, async (session) => {
          await session.run("BEGIN");
          try {
            await takeLock(session);
            const result = await work(session);
            await session.run("COMMIT");
            return result;
          } catch (error) {
            await session.run("ROLLBACK").catch(() => undefined);
            throw error;
          }
        }),
      ),
    );
  }

  /**
   * One statement that no transaction may hold (CREATE DATABASE and its kin), under the same lock, which a
   * second connection holds meanwhile.
   */
  async changeAlone(doing: string, sql: string): Promise<void> {
    await this.change(this.home, doing, () =>
      this.#with(this.home, doing, this.settings.connectTimeoutMs, (session) => session.run(sql)),
    );
  }

  /** Closes our own connections to a database that is about to be renamed or dropped. */
  async leave(database: string): Promise<void> {
    const pool = this.#pools.get(database);
    this.#pools.delete(database);
    await pool?.end();
  }

  /** One change of a database at a time: those that wait for the lock would sit on all the connections. */
  async #inTurn<T>(database: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(database) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#turns.set(database, mine.then(ignore, ignore));
    return mine;
  }

  async #with<T>(
    database: string,
    doing: string,
    patienceMs: number,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const client = await this.#connect(database, doing, Date.now() + patienceMs);
    let isBroken = false;
    try {
      return await work(sessionOn(client));
    } catch (error) {
      isBroken = isUnreachable(error);
      throw failure(doing, error);
    } finally {
      client.release(isBroken);
    }
  }

  async #connect(database: string, doing: string, deadline: number): Promise<pg.PoolClient> {
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1000)) {
      const begun = Date.now();
      try {
        const client = await this.#poolOf(database).connect();
        this.#down = undefined;
        return client;
      } catch (error) {
        if (!isUnreachable(error)) throw failure(doing, error);
        const since = this.#down?.since ?? begun;
        this.#down = { since, lastTried: Date.now(), reason: messageOf(error) };
        if (Date.now() + waitMs >= deadline) throw this.#unreachable(database, doing);
        await pause(waitMs);
      }
    }
  }

  #unreachable(database: string, doing: string): Unreachable {
    const where = describeConnection({ ...this.settings.connection, database });
    return new Unreachable(
      "unreachable",
      `error ${doing}: ${where} does not answer: ${this.#down?.reason ?? "unknown"}`,
      "start the server or wait until it is up; connectTimeout (seconds) is how long the provider waits",
    );
  }

  #poolOf(database: string): pg.Pool {
    const existing = this.#pools.get(database);
    if (existing) return existing;
    const attemptMs = Math.min(longestAttemptMs, this.settings.connectTimeoutMs);
    const connection = { ...this.settings.connection, database };
    const config = clientConfig(connection, "pulumi-resource-postgresql", attemptMs);
    const pool = steadyPool({
      ...config,
      ssl: this.settings.tls,
      max: this.settings.maxConnections,
      idleTimeoutMillis: idleMs,
      allowExitOnIdle: true,
    });
    this.#pools.set(database, pool);
    return pool;
  }
}

function sessionOn(client: pg.PoolClient): Session {
  return {
    run: async (sql) => {
      await client.query(sql);
    },
    rows: async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) => {
      const result = await client.query<Row>(sql, [...values]);
      return result.rows;
    },
  };
}

async function takeLock(session: Session): Promise<void> {
  await session.run("SET LOCAL statement_timeout = 0");
  await session.rows("SELECT pg_advisory_xact_lock($1)", [lockKey]);
  await session.run(`SET LOCAL lock_timeout = ${waitForLockMs}`);
}

async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isPassing(error)) throw error;
      await pause(Math.random() * Math.min(50 * 2 ** attempt, 1000));
    }
  }
}

function ignore(): void {
  // The next in turn does not care how this one ended.
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
