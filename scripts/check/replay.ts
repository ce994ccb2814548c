import type { ClientBase } from "pg";
import { eventually } from "../../lib/poll.ts";

/** The end of what the primary has on disk: every commit that was reported lies before it. */
export async function flushedLsn(primary: ClientBase): Promise<string> {
  const { rows } = await primary.query<{ lsn: string }>("SELECT pg_current_wal_flush_lsn()::text AS lsn");
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
