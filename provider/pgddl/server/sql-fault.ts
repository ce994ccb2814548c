import { DatabaseError } from "pg";
import { messageOf, UserError } from "../../../lib/errors.ts";
import { codeOf, isUnreachable } from "../../../lib/unreachable.ts";

/** The database that the provider is to work in does not exist, so nothing in it does. */
export function isDatabaseGone(error: unknown): boolean {
  return codeOf(error) === "3D000";
}

/** Lost a race that another try may win: a lock not had in time, a deadlock, a catalogue row changed meanwhile. */
export function isWorthRetrying(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "55P03" || code === "40P01" || code === "40001") return true;
  return code === "XX000" && messageOf(error).includes("tuple concurrently updated");
}

/**
 * What the server said, for the user: object, statement, code, detail, hint.
 * @param object what was worked on, `table shop.users`
 * @param sql the statement, where one of the user's making failed
 */
export function explain(error: unknown, object: string, sql?: string): Error {
  if (error instanceof UserError) return error;
  const sqlLine = sql === undefined ? [] : [`SQL: ${sql}`];
  // Whoever is told still has to know that the server is gone, and with it what became of the statement.
  const kind = isUnreachable(error) ? "unreachable" : "sql";
  if (!(error instanceof DatabaseError))
    return new UserError(kind, [`${object}: ${messageOf(error)}`, ...sqlLine].join("\n"));
  const { message, code, detail, hint, table, column, constraint } = error;
  const lines = [
    `${object}: ${message}${code === undefined ? "" : ` (SQLSTATE ${code})`}`,
    ...sqlLine,
    ...(detail === undefined ? [] : [`detail: ${detail}`]),
    ...(table === undefined ? [] : [`table: ${table}`]),
    ...(column === undefined ? [] : [`column: ${column}`]),
    ...(constraint === undefined ? [] : [`constraint: ${constraint}`]),
  ];
  return new UserError(kind, lines.join("\n"), hint ?? waysOut.get(code));
}

const waysOut: ReadonlyMap<string | undefined, string> = new Map([
  [
    "42501",
    "The provider's role needs to be a member of the owner, with SET, and the owner needs CREATE on the schema.",
  ],
  ["3F000", "Create the schema first, and let this resource depend on it."],
  ["55P03", "Another session held the lock all the time; see pg_stat_activity, then run it again."],
  ["25006", "The server is a replica: give the provider the admin endpoint, which leads to the primary."],
  ["2BP01", "Other objects depend on it and are not dropped along; remove those first."],
]);
