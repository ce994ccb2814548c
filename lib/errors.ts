/**
 * An error meant for the user: shown without a stack, with the way out.
 * `code` is stable and machine-readable, `hint` says what to do.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** One fault of an input: the property's path, what is wrong with the value received, what is allowed. */
export interface Fault {
  readonly property: string;
  readonly reason: string;
}

/** The text of whatever was thrown, never `[object Object]`. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(messageOf).join("; ");
  }
  return error instanceof Error ? error.message : String(error);
}
