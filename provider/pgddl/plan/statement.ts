import { formatId } from "../object-id.ts";

/** Table locks, weakest first, as PostgreSQL's documentation names them. */
export const locks = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;
export type Lock = (typeof locks)[number];

/** A stated danger of a statement. */
export type Hazard =
  | "deletes data"
  | "blocks reads and writes"
  | "blocks writes"
  | "takes long on a big table"
  | "drops an object";

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** The strongest lock that a statement takes on a table or index, or on a partitioned one with all below it. */
export interface TableLock {
  readonly mode: Lock;
  readonly on: TableName;
  readonly withPartitions?: boolean;
}

/** How much a statement reads or writes, as the server estimates it. */
export interface Size {
  readonly rows: number;
  readonly bytes: number;
}

/** One statement as data: what it is, what it locks, what it costs. */
export interface Statement {
  readonly sql: string;
  /**
   * The locks that others can feel: every table, with its strongest mode, that is locked stronger than
   * ROW SHARE. Tables that the same transaction has just made are left out.
   */
  readonly locks: readonly TableLock[];
  /** Writes every row anew. */
  readonly rewrites?: boolean;
  /** Reads every row. */
  readonly scans?: boolean;
  /** What `rewrites` or `scans` goes over. */
  readonly size?: Size;
  readonly hazards: readonly Hazard[];
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** For a query of one boolean column: when it answers true, nothing of the step happens. */
  readonly refusesIfTrue?: { readonly message: string; readonly hint: string };
  /** Run again and again, each time committed, until it changes no row: a batch of a long fill. */
  readonly repeats?: boolean;
}

/** Statements that succeed or fail together. */
export interface Step {
  /** False: each statement commits by itself, because the server allows it in no transaction block, or it repeats. */
  readonly isTransaction: boolean;
  /** The role whose rights they are done with, which then owns what they make. Default: the connection's own. */
  readonly role?: string;
  readonly statements: readonly Statement[];
}

/** Steps, one after the other. After a failure those that are done stay done. */
export type Plan = readonly Step[];

const quick = { locks: [], lockTimeoutMs: 2_000, statementTimeoutMs: 60_000, hazards: [] };
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
 * A concurrent build, drop or detach, which waits for older transactions: its lock stops neither reads nor writes
 * while it waits, and giving up early would only leave something half done behind.
 */
export function concurrently(sql: string, rest: Partial<Statement> = {}): Statement {
  return atLength(sql, { lockTimeoutMs: long.statementTimeoutMs, ...rest });
}

/** An ALTER TABLE that is over in an instant but waits for everybody who uses the table. */
export function briefly(
  sql: string,
  on: TableName,
  rest: Partial<Statement> & WithPartitions = {},
): Statement {
  const { withPartitions, ...others } = rest;
  const lock: TableLock = {
    mode: "ACCESS EXCLUSIVE",
    on,
    ...(withPartitions === true && { withPartitions }),
  };
  return quickly(sql, { locks: [lock], hazards: ["blocks reads and writes"], ...others });
}

interface WithPartitions {
  readonly withPartitions?: boolean | undefined;
}

/** What a preview shows: a text a statement, its notes behind it. */
export function renderPlan(plan: Plan): readonly string[] {
  return plan.flatMap((step, at) => step.statements.map((statement) => renderStatement(statement, step, at)));
}

function renderStatement(statement: Statement, step: Step, at: number): string {
  const notes = [
    `step ${at + 1}${step.isTransaction ? "" : ", outside a transaction"}`,
    ...(step.role === undefined ? [] : [`as ${step.role}`]),
    ...(statement.locks.length > 0 ? statement.locks.map(renderLock) : ["no table lock"]),
    ...(statement.rewrites === true ? [`rewrites the table${renderSize(statement.size)}`] : []),
    ...(statement.scans === true ? [`reads every row${renderSize(statement.size)}`] : []),
    ...(statement.repeats === true ? ["again until no row is left"] : []),
    `lock_timeout ${statement.lockTimeoutMs / 1000} s`,
    `statement_timeout ${statement.statementTimeoutMs / 1000} s`,
    ...(statement.hazards.length > 0 ? [`hazards: ${statement.hazards.join(", ")}`] : []),
    ...(statement.refusesIfTrue ? ["stops the step when it answers true"] : []),
  ];
  return `${statement.sql};  -- ${notes.join("; ")}`;
}

function renderLock({ mode, on, withPartitions }: TableLock): string {
  return `${mode} on ${formatId([on.schema, on.name])}${withPartitions === true ? " and its partitions" : ""}`;
}

function renderSize(size: Size | undefined): string {
  if (!size) return "";
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let amount = size.bytes;
  let unit = 0;
  for (; amount >= 1024 && unit < units.length - 1; unit += 1) amount /= 1024;
  return ` (about ${size.rows.toLocaleString("en")} rows, ${amount.toFixed(unit > 1 ? 1 : 0)} ${units[unit] ?? ""})`;
}
