import type { Client } from "pg";
import { UserError } from "../../../lib/errors.ts";

// Any two numbers will do, as long as nothing else in the database uses them.
const [classId, objectId] = [0x45_43_4f, 0x53_45_45_44];
const defaultPatienceMs = 5000;

/** The arguments of the lock that whoever makes indexes again for a seed that is gone holds meanwhile. */
export const guardLock = `${classId}, ${objectId + 1}`;

const heldLocks = `pg_catalog.pg_locks l
  JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
  WHERE l.locktype = 'advisory' AND l.granted
    AND l.classid::bigint = ${classId} AND l.objid::bigint = ${objectId}
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`;

const holderSql = `
  SELECT a.pid, a.usename, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ') AS since
  FROM ${heldLocks}`;

/** A condition in SQL: a seed of this database is going on. */
export const lockIsHeld = `EXISTS (SELECT FROM ${heldLocks})`;

/**
 * Takes the lock that one seed of a database holds, for as long as the session lasts. Waits a little: after a
 * kill the server needs a moment to notice that the session is gone.
 * @throws UserError `seed-running`, naming who holds it
 */
export async function takeSeedLock(client: Client, patienceMs = defaultPatienceMs): Promise<void> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(
      `SELECT pg_catalog.pg_try_advisory_lock(${classId}, ${objectId}) AS taken`,
    );
    if (rows[0]?.taken) return;
    if (Date.now() >= end) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { rows } = await client.query<{ pid: number; usename: string | null; since: string | null }>(
    holderSql,
  );
  const holder = rows[0];
  const who = holder
    ? ` (${holder.usename ?? "another role"}, process ${holder.pid}, since ${holder.since ?? "unknown"})`
    : "";
  throw new UserError(
    "seed-running",
    `another seed is writing to this database${who}`,
    "Wait until it has ended; then run this again.",
  );
}
