import type { InstanceState } from "./instance-state.ts";

/** What the choice of an instance goes by. */
export interface Candidate {
  readonly name: string;
  /** Its last answer; undefined when it gives none. */
  readonly state: InstanceState | undefined;
  /** The least that an answer has taken of late. */
  readonly roundTripMs: number;
  /** Statements and transactions under way there. */
  readonly inFlight: number;
  /** When it was last chosen. */
  readonly lastUse: number;
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

/**
 * The nearest; of those about as near the one with the least to do, then the one whose turn it is. About as near is what
 * a busy process cannot tell apart: half as far again, and a millisecond.
 */
export function nearest<T extends Candidate>(candidates: readonly T[]): T | undefined {
  let least = Infinity;
  for (const { roundTripMs } of candidates) least = Math.min(least, roundTripMs);
  let best: T | undefined;
  for (const candidate of candidates) {
    if (candidate.roundTripMs > least * 1.5 + 1) continue;
    const isBetter =
      best === undefined ||
      candidate.inFlight < best.inFlight ||
      (candidate.inFlight === best.inFlight && candidate.lastUse < best.lastUse);
    if (isBetter) best = candidate;
  }
  return best;
}
