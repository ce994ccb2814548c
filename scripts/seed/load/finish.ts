import type { Client } from "pg";
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

/** @throws UserError `seed-orphans`: the rows came in without their constraints' triggers, so all are asked */
export async function proveReferences(client: Client): Promise<void> {
  const faults: string[] = [];
  for (const reference of references) {
    const orphans = await orphansOf(client, reference);
    if (orphans !== undefined) faults.push(orphans);
  }
  if (faults.length === 0) return;
  throw new UserError(
    "seed-orphans",
    `rows refer to others that are not there:\n${faults.join("\n")}`,
    "Somebody removed rows while the seed wrote those that refer to them. Remove these too, or seed with --reset.",
  );
}

/** Statistics, and pages that an index alone can answer for. */
export async function vacuum(client: Client): Promise<void> {
  await client.query(sql.vacuumAll());
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
