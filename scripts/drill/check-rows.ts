import type { Attempt } from "./journal.ts";

/** An acknowledged row that an instance does not have. */
export interface LostRow {
  readonly id: number;
  readonly source: string;
  readonly missingOn: readonly string[];
}

/** What became of the rows that were sent. */
export interface RowVerdict {
  readonly acknowledged: number;
  /** Sent, and no answer was seen. */
  readonly unknown: number;
  /** Of the unknown ones, those that are there. */
  readonly unknownLanded: number;
  readonly lost: readonly LostRow[];
  /** A sentence for each row that should not be there: never sent, refused, there twice, or on some instances only. */
  readonly unexpected: readonly string[];
}

/**
 * Compares what was sent with what every instance has, all read at one position of the WAL. An acknowledged row
 * must be on every instance.
 * @param present the ids that each instance has, as read: one that is there twice comes twice
 */
export function checkRows(
  attempts: readonly Pick<Attempt, "id" | "source" | "outcome">[],
  present: ReadonlyMap<string, readonly number[]>,
): RowVerdict {
  const unexpected: string[] = [];
  const sent = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  const sets = new Map<string, ReadonlySet<number>>();
  for (const [instance, ids] of present) {
    const seen = new Set<number>();
    for (const id of ids) {
      if (seen.has(id)) unexpected.push(`${id} is twice on ${instance}`);
      else if (!sent.has(id)) unexpected.push(`${id} is on ${instance}, and was never sent`);
      seen.add(id);
    }
    sets.set(instance, seen);
  }
  const instances = [...sets.keys()];
  const lost: LostRow[] = [];
  let [acknowledged, unknown, unknownLanded] = [0, 0, 0];
  for (const { id, source, outcome } of attempts) {
    const missingOn = instances.filter((instance) => sets.get(instance)?.has(id) !== true);
    const isSomewhere = missingOn.length < instances.length;
    if (outcome === "acknowledged") {
      acknowledged++;
      if (missingOn.length > 0) lost.push({ id, source, missingOn });
      continue;
    }
    if (outcome === "unknown") {
      unknown++;
      if (isSomewhere) unknownLanded++;
    } else if (isSomewhere) {
      unexpected.push(`${id} is there, though its client was told that it was refused`);
    }
    if (isSomewhere && missingOn.length > 0) {
      unexpected.push(`${id} is missing on ${missingOn.join(" and ")} alone`);
    }
  }
  return { acknowledged, unknown, unknownLanded, lost, unexpected };
}
