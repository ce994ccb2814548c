import { DatabaseError } from "pg";
import { messageOf, UserError } from "../../../lib/errors.ts";

// Another session was faster or holds what is needed; the same statements succeed a moment later.
const passing = new Set(["55P03", "40P01", "40001", "55006"]);
// Starting up, shutting down, no connection left.
const unavailable = new Set(["57P03", "57P01", "57P02", "53300"]);

/** SQLSTATE or the system's code, also of an error that `failure` made. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code.replace(/^postgresql-/, "") : undefined;
}

/** Whether trying the whole transaction again is worth it. */
export function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "XX000") return /tuple concurrently (updated|deleted)/.test(messageOf(error));
  return code !== undefined && passing.has(code);
}

/** Whether a connection could not be had at all, as opposed to being turned down. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof Unreachable) return true;
  const code = codeOf(error) ?? "";
  return (
    unavailable.has(code) ||
    /^08...$/.test(code) ||
    /^(ECONN|EHOST|ENET|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE)/.test(code) ||
    /Connection terminated|timeout (expired|exceeded)/i.test(messageOf(error))
  );
}

/** No connection within the time allowed. */
export class Unreachable extends UserError {}

/**
 * An error of the server's as the user reads it: what was being done, what the server said, its SQLSTATE in
 * brackets, its detail and hint. Statements and their values are never part of it.
 */
export function failure(doing: string, error: unknown): Error {
  if (!(error instanceof DatabaseError)) return error instanceof Error ? error : new Error(messageOf(error));
  const code = error.code ?? "no code";
  const detail = error.detail === undefined ? "" : `\n${error.detail}`;
  const text = `error ${doing}: ${error.message} (${code})${detail}`;
  return new UserError(`postgresql-${code}`, text, hintOf(error));
}

function hintOf(error: DatabaseError): string | undefined {
  if (error.code === "42501" && error.hint === undefined) {
    return "the provider's role needs the right to do this: membership in the owner (WITH INHERIT, SET) or ADMIN OPTION on the role";
  }
  return error.hint;
}
