import { UserError, messageOf } from "../../../lib/errors.ts";
import type { SeedTask, TaskResult } from "./performer.ts";

/** What goes to a thread, one at a time. */
export type ToWorker = SeedTask;

/** What comes from it: any number of the first two, then one of the last two. */
export type FromWorker =
  | { readonly kind: "rows"; readonly count: number }
  | { readonly kind: "waiting"; readonly reason: string }
  | { readonly kind: "done"; readonly result: TaskResult }
  | { readonly kind: "failed"; readonly error: PlainError };

/** An error as data: classes do not survive the way between threads. */
export interface PlainError {
  /** Of a UserError. */
  readonly code: string | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}

export function plainError(error: unknown): PlainError {
  const user = error instanceof UserError ? error : undefined;
  return { code: user?.code, message: messageOf(error), hint: user?.hint };
}

export function errorOf({ code, message, hint }: PlainError): Error {
  return code === undefined ? new Error(message) : new UserError(code, message, hint);
}
