import { DatabaseError } from "pg";
import { UserError } from "./errors.ts";

/** The server gone, or not there yet: by Node's code, by SQLSTATE, or by the texts that pg has no code for. */
const unreachableCodes = new Set([
  ...[
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EPIPE",
    "ETIMEDOUT",
  ],
  ...["57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006"],
]);
const unreachableTexts =
  /timeout expired|timeout exceeded|read timeout|terminated|not queryable|server login/i;

/** Whether the server could not be reached, or went away: what was asked of it may have been done, or not. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof UserError) return error.code === "unreachable";
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  const code = codeOf(error);
  if (code !== undefined && unreachableCodes.has(code)) return true;
  return !(error instanceof DatabaseError) && error instanceof Error && unreachableTexts.test(error.message);
}

/** Whether the server has turned a login away for its password. */
export function isLoginRefused(error: unknown): boolean {
  return error instanceof UserError ? error.code === "login-refused" : codeOf(error) === "28P01";
}

/** The SQLSTATE, or Node's code, that an error carries. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
