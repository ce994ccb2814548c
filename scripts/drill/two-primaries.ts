import type { Acknowledged } from "./journal.ts";

/** A commit that a second primary has accepted. */
export interface SecondPrimary {
  readonly id: number;
  readonly why: string;
}

/**
 * The commits that prove two primaries. Each reign of a primary has a timeline of its own, and a newer one begins
 * where an older one has ended. So a commit on an older timeline that was *sent* after one on a newer timeline had
 * been acknowledged was accepted by a second primary; as was one on a timeline on which another instance commits.
 * (One that was sent before may be answered late: the answer proves nothing.)
 */
export function findSecondPrimaries(
  commits: readonly Pick<Acknowledged, "id" | "instance" | "timeline" | "sentAt" | "endedAt">[],
): SecondPrimary[] {
  const found: SecondPrimary[] = [];
  const firstOf = new Map<number, number>();
  const holderOf = new Map<number, { readonly instance: string; readonly at: number }>();
  for (const { timeline, endedAt, instance } of commits) {
    firstOf.set(timeline, Math.min(endedAt, firstOf.get(timeline) ?? Number.POSITIVE_INFINITY));
    const holder = holderOf.get(timeline);
    if (instance !== undefined && (holder === undefined || endedAt < holder.at)) {
      holderOf.set(timeline, { instance, at: endedAt });
    }
  }
  for (const { id, timeline, sentAt, instance } of commits) {
    const newer = [...firstOf].find(([other, first]) => other > timeline && first < sentAt);
    const holder = holderOf.get(timeline)?.instance;
    if (newer) {
      const late = ((sentAt - newer[1]) / 1000).toFixed(2);
      const where = instance ?? "the endpoint rw";
      found.push({
        id,
        why: `${where} committed ${id} on timeline ${timeline}, ${late} s after timeline ${newer[0]} had begun to take rows`,
      });
    } else if (instance !== undefined && holder !== undefined && holder !== instance) {
      found.push({ id, why: `${instance} committed ${id} on timeline ${timeline}, which is ${holder}'s` });
    }
  }
  return found;
}
