import { messageOf } from "../errors.ts";

/**
 * COMMIT was sent and its outcome is not known: the write is there, or it is not. Neither may be assumed: look for it
 * by a key of your own, or make the work idempotent and say so.
 */
export class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";
  readonly code = "outcome-unknown";

  constructor(cause: unknown) {
    super(`whether the transaction is committed is not known: ${messageOf(cause)}`, { cause });
  }
}

/** Not done in time. Nothing was written: otherwise the error is `OutcomeUnknown`. `cause` is the last error. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";
  readonly code = "deadline-exceeded";

  /** @param what completes the sentence "waited N s for …" */
  constructor(what: string, withinMs: number, cause: unknown) {
    super(`waited ${withinMs / 1000} s for ${what}; last seen: ${messageOf(cause)}`, { cause });
  }
}
