import { withClient } from "../../lib/connection.ts";
import { eventually } from "../../lib/poll.ts";
import { markedLsn, waitForReplay } from "../check/replay.ts";
import { applicationName, writtenTable } from "./drill-schema.ts";
import type { Targets } from "./targets.ts";

/**
 * The ids that each instance has, each read by its own port once it has replayed up to one position of the WAL,
 * behind every commit of the drill.
 * @param above ids up to this one are left out
 */
export async function readBack(
  { rw, instances }: Targets,
  above: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  await waitForQuiet(instances);
  // A proxy may still lead to the one that was the primary.
  const lsn = await eventually({ what: "a position of the primary's WAL", withinMs: 60_000 }, () =>
    withClient(rw, applicationName, markedLsn),
  );
  const read = instances.map(({ name, writer }) =>
    // Tried again on a connection that breaks: an instance may still be on its way back.
    eventually({ what: `${name} to have everything up to ${lsn}`, withinMs: 90_000 }, () =>
      withClient(writer, applicationName, async (client) => {
        await waitForReplay(client, lsn, 5000);
        const { rows } = await client.query<{ id: string }>(`SELECT id FROM ${writtenTable} WHERE id > $1`, [
          above,
        ]);
        return [name, rows.map(({ id }) => Number(id))] as const;
      }),
    ),
  );
  return new Map(await Promise.all(read));
}

/**
 * Until no session of the drill is at work: a commit whose client has gone away may still wait for a replica, and
 * would appear between two reads.
 */
async function waitForQuiet(instances: Targets["instances"]): Promise<void> {
  await eventually({ what: "every commit of the drill to end", withinMs: 60_000 }, async (observe) => {
    for (const { name, monitor } of instances) {
      const busy = await withClient(monitor, `${applicationName}-watch`, async (client) => {
        const { rows } = await client.query<{ count: number }>(
          `SELECT count(*)::int AS count FROM pg_stat_activity
            WHERE state <> 'idle' AND query LIKE $1 AND pid <> pg_backend_pid()`,
          [`INSERT INTO ${writtenTable}%`],
        );
        return rows[0]?.count ?? 0;
      });
      if (busy === 0) continue;
      observe(`${busy} on ${name}`);
      return undefined;
    }
    return true;
  });
}
