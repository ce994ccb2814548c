/** Table locks, weakest first, as PostgreSQL's documentation names them. */
export type Lock =
  | "ACCESS SHARE"
  | "ROW SHARE"
  | "SHARE UPDATE EXCLUSIVE"
  | "SHARE"
  | "SHARE ROW EXCLUSIVE"
  | "ACCESS EXCLUSIVE";

/** A stated danger of a statement. */
export type Hazard =
  | "deletes data"
  | "blocks reads and writes"
  | "blocks writes"
  | "takes long on a big table"
  | "drops an object";

/** One statement as data: what it is, what it locks, what it costs. */
export interface Statement {
  readonly sql: string;
  /** The strongest lock that it takes, and on which tables (for people, `shop.users and its partitions`). */
  readonly lock?: { readonly mode: Lock; readonly on: string };
  /** Writes every row anew. */
  readonly rewrites?: boolean;
  /** Reads every row. */
  readonly scans?: boolean;
  readonly hazards: readonly Hazard[];
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** For a query of one boolean column: when it answers true, nothing of the step happens. */
  readonly refusesIfTrue?: { readonly message: string; readonly hint: string };
}

/** Statements that succeed or fail together. */
export interface Step {
  /** False: each statement commits by itself, because the server allows it in no transaction block. */
  readonly isTransaction: boolean;
  /** The role whose rights they are done with, which then owns what they make. Default: the connection's own. */
  readonly role?: string;
  readonly statements: readonly Statement[];
}

/** Steps, one after the other. After a failure those that are done stay done. */
export type Plan = readonly Step[];

const quick = { lockTimeoutMs: 2_000, statementTimeoutMs: 60_000, hazards: [] };
const long = { ...quick, statementTimeoutMs: 20 * 60_000 };

/** A statement that touches the catalogue alone and holds its lock for milliseconds. */
export function quickly(sql: string, rest: Partial<Statement> = {}): Statement {
  return { ...quick, sql, ...rest };
}

/** A statement that reads or writes as much as there is. */
export function atLength(sql: string, rest: Partial<Statement> = {}): Statement {
  return { ...long, hazards: ["takes long on a big table"], sql, ...rest };
}

/**
 * A concurrent build or drop, which waits for older transactions: its lock stops neither reads nor writes while
 * it waits, and giving up early would only leave an invalid index behind.
 */
export function concurrently(sql: string, rest: Partial<Statement> = {}): Statement {
  return atLength(sql, { lockTimeoutMs: long.statementTimeoutMs, ...rest });
}

/** What a preview shows: a text a statement, its notes behind it. */
export function renderPlan(plan: Plan): readonly string[] {
  return plan.flatMap((step, at) => step.statements.map((statement) => renderStatement(statement, step, at)));
}

function renderStatement(statement: Statement, step: Step, at: number): string {
  const lock = statement.lock;
  const notes = [
    `step ${at + 1}${step.isTransaction ? "" : ", outside a transaction"}`,
    ...(step.role === undefined ? [] : [`as ${step.role}`]),
    lock ? `${lock.mode} on ${lock.on}` : "no table lock",
    ...(statement.rewrites === true ? ["rewrites the table"] : []),
    ...(statement.scans === true ? ["reads every row"] : []),
    `lock_timeout ${statement.lockTimeoutMs / 1000} s`,
    `statement_timeout ${statement.statementTimeoutMs / 1000} s`,
    ...(statement.hazards.length > 0 ? [`hazards: ${statement.hazards.join(", ")}`] : []),
    ...(statement.refusesIfTrue ? ["stops the step when it answers true"] : []),
  ];
  return `${statement.sql};  -- ${notes.join("; ")}`;
}
