import { DatabaseError } from "pg";

/**
 * What an error means for a statement:
 * - `lost`: the connection is gone, or the server is going or not there yet;
 * - `elsewhere`: this is not the instance for it;
 * - `again`: the server has undone the transaction because of another one, or of the replay;
 * - `final`: it would fail again.
 */
export type Fault = "lost" | "elsewhere" | "again" | "final";

/** The instance was given up on, or none is fit. Carries what was seen. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  readonly fault: "lost" | "elsewhere";

  constructor(fault: "lost" | "elsewhere", message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

const lostStates = new Set([
  "57P01", // the server is shut down, or the session was ended
  "57P02", // another process has crashed
  "57P03", // it starts, or stops
  "57P05", // the session was idle for too long
  "53300", // no connection is left, here and now
]);

const lostCodes = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  ...[
    "EHOSTDOWN",
    "ENETDOWN",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ERR_STREAM_DESTROYED",
    "ERR_STREAM_PREMATURE_CLOSE",
  ],
]);

/** What `pg` itself throws: plain errors, told apart by their text alone. */
const lostTexts =
  /^(Connection terminated|timeout (expired|exceeded)|Query read timeout|Client was closed|Client has encountered a connection error)/;

export function faultOf(error: unknown): Fault {
  if (error instanceof Unavailable) return error.fault;
  if (error instanceof DatabaseError) {
    const state = error.code ?? "";
    if (lostStates.has(state) || state.startsWith("08")) return "lost";
    // Of a replica 40001 is also what it says when the replay could not wait for the query any longer. 25006 is the
    // statement's own fault, for it is known of each connection whether it leads to a primary: a read that writes.
    return state === "40001" || state === "40P01" ? "again" : "final";
  }
  if (!(error instanceof Error)) return "final";
  // A host with several addresses fails by all of them.
  if (error instanceof AggregateError) {
    return error.errors.length > 0 && error.errors.every((each) => faultOf(each) === "lost")
      ? "lost"
      : "final";
  }
  if ("code" in error && typeof error.code === "string" && lostCodes.has(error.code)) return "lost";
  return lostTexts.test(error.message) ? "lost" : "final";
}

/**
 * Whether an error that came for COMMIT says that nothing was written. An end of the session does not, nor a
 * cancel: both may come when the commit is done already, and so may anything that is not the server's answer.
 */
export function isRefusedCommit(error: unknown): boolean {
  if (!(error instanceof DatabaseError) || error.severity !== "ERROR") return false;
  return !["08", "53", "57", "58", "XX"].includes((error.code ?? "").slice(0, 2));
}
