import type { InstanceState } from "./instance-state.ts";

/** What the choice of an instance goes by. */
export interface Candidate {
  readonly name: string;
  /** Its last answer; undefined when it gives none. */
  readonly state: InstanceState | undefined;
  /** The least that an answer has taken of late. */
  readonly roundTripMs: number;
  /** Reads and transactions that it was chosen for and that are not over. */
  readonly inFlight: number;
}

/** The one that takes writes. Of two that say so the younger reign: the older one is about to hear of it. */
export function primaryAmong<T extends Candidate>(candidates: readonly T[]): T | undefined {
  let primary: T | undefined;
  for (const candidate of candidates) {
    if (!candidate.state?.isPrimary) continue;
    if ((candidate.state.timeline ?? 0) > (primary?.state?.timeline ?? -1)) primary = candidate;
  }
  return primary;
}

/**
 * The replicas that are fit to be read: those that receive WAL and lag less than the bound. While there is no primary
 * none receives any, and those that were fit as far as is known still are.
 * @param primaryPosition up to where the primary had written when it was last asked
 */
export function fitReplicas<T extends Candidate>(
  candidates: readonly T[],
  primaryPosition: bigint,
  maxLagBytes: bigint,
): T[] {
  const isAlone = primaryAmong(candidates) === undefined;
  return candidates.filter(
    ({ state }) =>
      state?.isPrimary === false &&
      (state.isReceiving || isAlone) &&
      primaryPosition - state.position < maxLagBytes,
  );
}

/** How long it is one's turn: long enough that a single reader finds a server that is at work, not one that has to wake. */
const turnMs = 20;

/**
 * The nearest; of those about as near the one with the least to do, then the one whose turn it is. About as near is what
 * a busy process cannot tell apart: half as far again, and a millisecond.
 * @param now in milliseconds of any clock
 */
export function nearest<T extends Candidate>(candidates: readonly T[], now: number): T | undefined {
  let least = Infinity;
  for (const { roundTripMs } of candidates) least = Math.min(least, roundTripMs);
  let best: T[] = [];
  for (const candidate of candidates) {
    if (candidate.roundTripMs > least * 1.5 + 1) continue;
    const difference = best[0] ? candidate.inFlight - best[0].inFlight : 0;
    if (difference < 0) best = [];
    if (difference <= 0) best.push(candidate);
  }
  return best[Math.floor(now / turnMs) % best.length];
}
