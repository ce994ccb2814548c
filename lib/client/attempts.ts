import { setTimeout as pause } from "node:timers/promises";
import { DeadlineExceeded } from "./errors.ts";
import { faultOf } from "./faults.ts";

/** A wait with a name: `what` completes the sentence "waited N s for …". */
export interface Patience {
  readonly what: string;
  readonly withinMs: number;
}

const longestPauseMs = 100;

/**
 * Attempts until one succeeds or fails for good, with pauses that grow: the first is next to nothing, since another
 * instance may do at once.
 * @param attempt told until when it has time, in milliseconds of `performance.now()`
 * @param isWorthAnother by default when the error is not final
 * @throws DeadlineExceeded with what the last attempt said
 */
export async function attemptUntil<T>(
  { what, withinMs }: Patience,
  attempt: (until: number) => Promise<T>,
  isWorthAnother = (error: unknown): boolean => faultOf(error) !== "final",
): Promise<T> {
  const until = performance.now() + withinMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await attempt(until);
    } catch (error) {
      if (!isWorthAnother(error)) throw error;
      // By chance shorter, or transactions that have undone each other would meet again.
      const wait = pauseMs * (0.5 + Math.random() / 2);
      if (performance.now() + wait >= until) throw new DeadlineExceeded(what, withinMs, error);
      await pause(wait);
    }
  }
}
