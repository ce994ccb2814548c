import type { Client } from "pg";
import { shareOut } from "../../../lib/all-ended.ts";
import { commerceTables } from "../../../lib/commerce-model.ts";
import { withClient } from "../../../lib/connection.ts";
import { messageOf, UserError } from "../../../lib/errors.ts";
import { connectionTo, type StackOutputs } from "../../../lib/stack-outputs.ts";
import { isUnreachable } from "../../../lib/unreachable.ts";
import { orphansOf, references } from "../../catalogue/orphans.ts";
import { markedLsn, waitForReplay } from "../../check/replay.ts";
import * as sql from "../seed-sql.ts";
import type { SteadySession } from "./steady-session.ts";

/** A replica replays what it was ahead of being paused in far less. */
const replayWithinMs = 120_000;

/** Runs something in a session on the primary, as the role `seeder`. */
type Use = (work: (client: Client) => Promise<void>) => Promise<void>;

/**
 * What rows that came in by COPY lack: statistics, pages that an index alone can answer for, and the proof of every
 * foreign key. By several sessions side by side, each of which takes what comes next.
 * @throws UserError `seed-orphans`: the rows came in without their constraints' triggers, so all are asked
 */
export async function completeTables(sessions: readonly Use[]): Promise<void> {
  const faults: string[] = [];
  // The longest comes first: statistics of users, of each of its partitions and of them together.
  const works = [
    ...commerceTables.map((table) => async (client: Client) => {
      await client.query(sql.vacuum(table));
    }),
    ...references.map((reference) => async (client: Client) => {
      const orphans = await orphansOf(client, reference);
      if (orphans !== undefined) faults.push(orphans);
    }),
  ];
  await shareOut(sessions, works, (use, work) => use(work));
  if (faults.length === 0) return;
  throw new UserError(
    "seed-orphans",
    `rows refer to others that are not there:\n${faults.join("\n")}`,
    "Somebody removed rows while the seed wrote those that refer to them. Remove these too, or seed with --reset.",
  );
}

/**
 * Waits until every instance has replayed all of it.
 * @param absent told of those that do not answer: they catch up when they are back
 */
export async function untilReplayed(
  stack: StackOutputs,
  watcher: SteadySession,
  absent: (instance: string, reason: string) => void,
): Promise<void> {
  const lsn = await watcher.use(markedLsn);
  await Promise.all(
    stack.instances.map(async ({ name }) => {
      const connection = connectionTo(stack, { instance: name }, "monitoring");
      try {
        await withClient(connection, "ecosphere-seed", (client) =>
          waitForReplay(client, lsn, replayWithinMs),
        );
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        absent(name, messageOf(error));
      }
    }),
  );
}
