import { messageOf, UserError } from "./errors.ts";

/** A wait with a name: `what` completes the sentence "waited N s for …". */
export interface Deadline {
  readonly what: string;
  readonly withinMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Calls `probe` until it returns a value other than undefined, and returns that.
 * A probe that throws counts as "not yet"; so does undefined.
 * @throws UserError `timeout`, which carries the last observation: what `observe` was told, or the last error.
 */
export async function eventually<T>(
  deadline: Deadline,
  probe: (observe: (state: string) => void) => Promise<T | undefined>,
): Promise<T> {
  const end = Date.now() + deadline.withinMs;
  let last = "nothing was observed";
  const observe = (state: string): void => {
    last = state;
  };
  for (;;) {
    deadline.signal?.throwIfAborted();
    try {
      const result = await probe(observe);
      if (result !== undefined) return result;
    } catch (error) {
      observe(messageOf(error));
    }
    if (Date.now() >= end) {
      throw new UserError(
        "timeout",
        `waited ${Math.round(deadline.withinMs / 1000)} s for ${deadline.what}; last seen: ${last}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, deadline.everyMs ?? 100));
  }
}
