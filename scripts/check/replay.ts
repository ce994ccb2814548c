import type { ClientBase } from "pg";
import { eventually } from "../../lib/poll.ts";

/**
 * A position behind every commit that was reported, which a replica reaches: the end of a record, on the disk.
 * What is on the disk may end in the middle of a record, and stay so as long as nobody commits; so an empty
 * message is written behind it, which changes no data and may be written in a read-only transaction.
 */
export async function markedLsn(primary: ClientBase): Promise<string> {
  const { rows } = await primary.query<{ lsn: string }>(
    "SELECT pg_logical_emit_message(false, 'ecosphere', 'check', true)::text AS lsn",
  );
  return rows[0]?.lsn ?? "0/0";
}

/**
 * Waits until a replica has replayed up to `lsn`; a primary has by definition.
 * @param client in READ COMMITTED, or its snapshot could hold the replay up
 */
export async function waitForReplay(client: ClientBase, lsn: string, withinMs: number): Promise<void> {
  await eventually({ what: `the replay of ${lsn}`, withinMs, everyMs: 50 }, async (observe) => {
    const { rows } = await client.query<{ reached: boolean; at: string | null }>(
      `SELECT NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= $1::pg_lsn AS reached,
              pg_last_wal_replay_lsn()::text AS at`,
      [lsn],
    );
    observe(`it is at ${rows[0]?.at ?? "no position"}`);
    return rows[0]?.reached ? true : undefined;
  });
}
