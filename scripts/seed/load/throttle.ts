import type { ClientBase } from "pg";
import { UserError } from "../../../lib/errors.ts";
import { replicationBacklog } from "../seed-sql.ts";

const megabyte = 1024 ** 2;

export const limits = {
  /** No more ranges begin while a replica has as much WAL to replay. */
  pauseAt: 512 * megabyte,
  /** They begin again once it is down to this. */
  resumeAt: 128 * megabyte,
  /** The cluster drops a slot that keeps more than 2 GB, and its replica would have to be copied anew. */
  stopAt: 1536 * megabyte,
  /** What must stay free on the disk of the data. */
  leastFree: 2048 * megabyte,
} as const;

/** What is watched while a seed writes; bytes. */
export interface Backlog {
  /** Sent to the slowest replica that streams, and not replayed there. */
  readonly replayBytes: number;
  /** Kept for whoever is furthest behind, streaming or not, and that slot's name. */
  readonly slotBytes: number;
  readonly slot: string | null;
  /** Undefined where the disk cannot be looked at. */
  readonly freeBytes: number | undefined;
}

export async function readBacklog(client: ClientBase, freeBytes: number | undefined): Promise<Backlog> {
  const { rows } = await client.query<Omit<Backlog, "freeBytes">>(replicationBacklog);
  const [row] = rows;
  if (!row) throw new Error("the server tells nothing of its replication");
  return { ...row, freeBytes };
}

/**
 * Whether to go on: undefined, or a reason to wait.
 * @param isWaiting whether it is being waited for already
 * @throws UserError `replica-behind`, `disk-full` when writing on would break something
 */
export function reasonToWait(backlog: Backlog, isWaiting: boolean): string | undefined {
  const { freeBytes, replayBytes, slot, slotBytes } = backlog;
  if (freeBytes !== undefined && freeBytes < limits.leastFree) {
    throw new UserError(
      "disk-full",
      `only ${inMegabytes(freeBytes)} are free on the disk of the data; a seed leaves ${inMegabytes(limits.leastFree)}`,
      "Free some space there and run the same command again: it goes on from here.",
    );
  }
  if (slotBytes > limits.stopAt && replayBytes < slotBytes / 2) {
    throw new UserError(
      "replica-behind",
      `the replica of the slot ${slot ?? "?"} has not read ${inMegabytes(slotBytes)} of WAL; with more it would lose its place`,
      "See ./ecosphere status; once it streams again, run the same command again: it goes on from here.",
    );
  }
  if (replayBytes > (isWaiting ? limits.resumeAt : limits.pauseAt)) {
    return `a replica has ${inMegabytes(replayBytes)} of WAL to replay`;
  }
  return undefined;
}

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / megabyte)} MB`;
}
