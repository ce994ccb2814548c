import { Client } from "pg";
import { clientConfig, type Connection } from "../../lib/connection.ts";
import { quoteIdentifier } from "../../lib/identifier.ts";
import { eventually } from "../../lib/poll.ts";
import {
  locks,
  type Lock,
  type Plan,
  type Statement,
  type Step,
} from "../../provider/pgddl/plan/statement.ts";
import { takeSnapshot, treeOf, type Snapshot } from "./relation-snapshot.ts";
import { within } from "./timeouts.ts";

/** What a statement did, by what the server says. */
interface Observed {
  /** The strongest mode by relation, held or waited for. */
  readonly modes: ReadonlyMap<number, Lock>;
  readonly before: Snapshot;
  readonly after: Snapshot;
}

/**
 * Carries plans out, statement by statement, and compares what each says of itself with what the server says.
 * A statement of a transaction gets one of its own here: the locks of those before would hide its own.
 */
export class LockEvidence implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #worker: Client;
  readonly #observer: Client;

  /** @param connection of the provider's role @param superuser who looks on */
  constructor(connection: Connection, superuser: Connection) {
    this.#connection = superuser;
    this.#worker = new Client(clientConfig(connection, "ecosphere-test"));
    this.#observer = new Client(clientConfig(superuser, "ecosphere-test"));
  }

  async open(): Promise<void> {
    await Promise.all([this.#worker.connect(), this.#observer.connect()]);
    await this.#worker.query("SET search_path = ''; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'");
    await this.#observer.query("SET stats_fetch_consistency = none");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#worker.end(), this.#observer.end()]);
  }

  /** @returns what a statement says of itself that is not so; empty when the plan is true */
  async prove(plan: Plan): Promise<readonly string[]> {
    await this.#endOthers();
    const rows = await takeSnapshot(this.#observer);
    const faults: string[] = [];
    for (const step of plan) {
      const existing = await takeSnapshot(this.#observer);
      for (const statement of step.statements) {
        const observed = await this.#carryOut(statement, step);
        const told = [...lockFaults(statement, observed, existing), ...workFaults(statement, observed, rows)];
        faults.push(...told.map((fault) => `${statement.sql}: ${fault}`));
      }
    }
    return faults;
  }

  /** What planned has its own reading to report, by its end at the latest: it would look like the plan's. */
  async #endOthers(): Promise<void> {
    const worker = await this.#worker.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await this.#observer.query(
      `SELECT pg_terminate_backend(pid, ${within.lockSeen}) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'
          AND pid NOT IN ($1, pg_backend_pid())`,
      [worker.rows[0]?.pid],
    );
  }

  async #carryOut(statement: Statement, step: Step): Promise<Observed> {
    const before = await takeSnapshot(this.#observer);
    const modes = statement.sql.includes("CONCURRENTLY")
      ? await this.#observeWaiting(statement, step, before)
      : await this.#observeInTransaction(statement, step);
    // Statistics are kept back for up to a second otherwise.
    await this.#worker.query("SELECT pg_stat_force_next_flush()");
    return { modes, before, after: await takeSnapshot(this.#observer) };
  }

  async #observeInTransaction(statement: Statement, step: Step): Promise<ReadonlyMap<number, Lock>> {
    const modes = new Map<number, Lock>();
    for (let isDone = false; !isDone;) {
      await this.#worker.query("BEGIN");
      try {
        if (step.role !== undefined) await this.#worker.query(`SET LOCAL ROLE ${quoteIdentifier(step.role)}`);
        const { rows, rowCount } = await this.#worker.query<Record<string, unknown>>(statement.sql);
        if (statement.refusesIfTrue && rows.some((row) => Object.values(row).includes(true))) {
          throw new Error(statement.refusesIfTrue.message);
        }
        isDone = statement.repeats !== true || rowCount === 0;
        await this.#note("pg_backend_pid()", this.#worker, modes);
        await this.#worker.query("COMMIT");
      } catch (error) {
        await this.#worker.query("ROLLBACK");
        throw new Error(statement.sql, { cause: error });
      }
    }
    return modes;
  }

  /**
   * Lets the statement meet an old snapshot and a reader of every table, each in a session of its own. Whenever it
   * waits, what it holds and wants is noted, and those that it waits for go.
   */
  async #observeWaiting(
    statement: Statement,
    step: Step,
    snapshot: Snapshot,
  ): Promise<ReadonlyMap<number, Lock>> {
    const modes = new Map<number, Lock>();
    const readers = [...snapshot.values()].filter(({ kind }) => kind === "r" || kind === "p");
    const begins = [
      "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1",
      ...readers.map(({ name }) => `BEGIN; LOCK TABLE ONLY ${name} IN ACCESS SHARE MODE`),
    ];
    const blockers = new Map<number, Client>();
    const { rows } = await this.#worker.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const pid = rows[0]?.pid ?? 0;
    try {
      for (const begin of begins) {
        const client = new Client(clientConfig(this.#connection, "ecosphere-test"));
        await client.connect();
        await client.query(begin);
        const own = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
        blockers.set(own.rows[0]?.pid ?? 0, client);
      }
      if (step.role !== undefined) await this.#worker.query(`SET ROLE ${quoteIdentifier(step.role)}`);
      let isDone = false;
      const running = this.#worker.query(statement.sql).finally(() => {
        isDone = true;
      });
      running.catch(() => undefined);
      await eventually(
        { what: `${statement.sql} to end`, withinMs: within.lockSeen, everyMs: 10 },
        async () => {
          await this.#note(String(pid), this.#observer, modes);
          const waits = await this.#observer.query<{ pids: number[] }>(
            `SELECT pg_blocking_pids(${pid}) AS pids`,
          );
          for (const blocking of waits.rows[0]?.pids ?? []) {
            // Once more: now it waits for certain, with all that it has by then.
            await this.#note(String(pid), this.#observer, modes);
            await blockers.get(blocking)?.end();
            blockers.delete(blocking);
          }
          return isDone ? true : undefined;
        },
      );
      await running;
    } finally {
      await Promise.all([...blockers.values()].map((client) => client.end()));
      await this.#worker.query("RESET ROLE");
    }
    return modes;
  }

  async #note(pid: string, client: Client, modes: Map<number, Lock>): Promise<void> {
    const { rows } = await client.query<{ relation: number; mode: string }>(`
      SELECT relation::int, mode FROM pg_locks
       WHERE pid = ${pid} AND locktype = 'relation'
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    for (const { relation, mode } of rows) {
      const lock = lockOf(mode);
      const known = modes.get(relation);
      if (known === undefined || strength(lock) > strength(known)) modes.set(relation, lock);
    }
  }
}

/** What the statement says of its locks that is not so. @param existing what was there before its step */
function lockFaults(statement: Statement, observed: Observed, existing: Snapshot): readonly string[] {
  const { before, after, modes } = observed;
  const faults: string[] = [];
  const said = new Map<number, Lock>();
  for (const { mode, on, withPartitions } of statement.locks) {
    const name = `${on.schema}.${on.name}`;
    const root = [...before.values(), ...after.values()].find((relation) => relation.name === name);
    if (!root) faults.push(`says ${mode} on ${name}, which is not there`);
    const tree = root ? [...treeOf(before, root.oid), ...treeOf(after, root.oid)] : [];
    for (const oid of withPartitions === true ? tree : tree.slice(0, 1)) {
      const other = said.get(oid);
      if (other === undefined || strength(mode) > strength(other)) said.set(oid, mode);
    }
  }
  for (const [oid, relation] of existing) {
    const measured = modes.get(oid);
    const declared = said.get(oid);
    if (declared === undefined) {
      if (measured === undefined || strength(measured) <= strength("ROW SHARE")) continue;
      // The table's lock says it all: nobody uses its index without it.
      const above = relation.table === null ? undefined : said.get(relation.table);
      if (above !== undefined && strength(above) >= strength(measured)) continue;
      if (relation.table !== null && !existing.has(relation.table)) continue;
      faults.push(`takes ${measured} on ${relation.name}, and does not say so`);
    } else if (measured !== declared) {
      faults.push(`says ${declared} on ${relation.name}, and takes ${measured ?? "no lock"}`);
    }
  }
  return faults;
}

/** What the statement says of its work that is not so. @param rows how many there were before the plan */
function workFaults(
  statement: Statement,
  { before, after, modes }: Observed,
  rows: Snapshot,
): readonly string[] {
  const tables = [...before.values()].filter(({ kind }) => kind === "r" || kind === "m");
  const rewritten = tables.filter(({ oid, file }) => after.has(oid) && after.get(oid)?.file !== file);
  const read = tables.filter(({ oid, rowsRead }) => {
    const there = rows.get(oid)?.rows ?? 0;
    return there > 1 && (after.get(oid)?.rowsRead ?? 0) - rowsRead >= there;
  });
  const names = (found: typeof tables): string => found.map(({ name }) => name).join(", ");
  const faults: string[] = [];
  const rewrites = statement.rewrites === true;
  if (rewrites && rewritten.length === 0) faults.push("says that it rewrites, and does not");
  if (!rewrites && rewritten.length > 0) faults.push(`rewrites ${names(rewritten)}, and does not say so`);
  const scans = rewrites || statement.scans === true;
  const isAnyRead = [...modes.keys()].some((oid) => (rows.get(oid)?.rows ?? 0) > 1);
  if (scans && isAnyRead && read.length === 0) faults.push("says that it reads every row, and does not");
  if (!scans && read.length > 0) faults.push(`reads every row of ${names(read)}, and does not say so`);
  return faults;
}

function strength(lock: Lock): number {
  return locks.indexOf(lock);
}

/** `AccessExclusiveLock` in the words of the documentation. */
function lockOf(mode: string): Lock {
  const words = mode
    .replace(/Lock$/, "")
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toUpperCase();
  const lock = locks.find((each) => each === words);
  if (!lock) throw new Error(`pg_locks has a mode ${mode}`);
  return lock;
}
