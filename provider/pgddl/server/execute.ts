import { setTimeout as pause } from "node:timers/promises";
import type { PoolClient } from "pg";
import { UserError } from "../../../lib/errors.ts";
import { quoteIdentifier } from "../../../lib/identifier.ts";
import type { Plan, Statement, Step } from "../plan/statement.ts";
import type { Database } from "./database.ts";
import { explain, isWorthRetrying } from "./sql-fault.ts";

/** Two plans at once would fail on each other's catalogue rows, or deadlock. Any pair of numbers nobody else uses. */
const advisoryLock = "SELECT pg_catalog.pg_advisory_xact_lock(1885824100, 1)";
const advisoryTimeoutMs = 30_000;
/** How long what loses races is tried again. */
const defaultBudgetMs = 60_000;

export interface Execution {
  /** What is worked on, for messages: `table shop.users`. */
  readonly object: string;
  readonly signal: AbortSignal;
  /** 0: the default. */
  readonly timeoutMs: number;
  /** Called when a step is done for good. */
  readonly onStepDone?: (done: number) => void;
  /** Told how far a long fill is. */
  readonly onProgress?: (message: string) => void;
}

/**
 * Makes a plan and runs its steps in order. A transaction that loses a race is tried again as it is; after a step
 * outside a transaction, which leaves something behind, a new plan is made, which sees what that is.
 * @param makePlan called again after each such step that lost
 * @throws UserError with statement, code, detail and hint; the steps before stay done
 */
export async function converge(
  makePlan: () => Promise<Plan>,
  database: Database,
  execution: Execution,
): Promise<void> {
  const end = Date.now() + (execution.timeoutMs || defaultBudgetMs);
  for (let attempt = 1; ; attempt += 1) {
    const lost = await runPlan(await makePlan(), database, execution, end);
    if (!lost) return;
    await pauseOrThrow(lost, attempt, end, execution.signal);
  }
}

/** The error of the step that lost a race and needs a new plan; undefined when all is done. */
async function runPlan(
  plan: Plan,
  database: Database,
  execution: Execution,
  end: number,
): Promise<Error | undefined> {
  for (const [at, step] of plan.entries()) {
    for (let attempt = 1; ; attempt += 1) {
      execution.signal.throwIfAborted();
      const lost = await tryStep(step, database, execution, end);
      if (!lost) break;
      if (!step.isTransaction) return lost;
      await pauseOrThrow(lost, attempt, end, execution.signal);
    }
    execution.onStepDone?.(at + 1);
  }
  return undefined;
}

async function pauseOrThrow(lost: Error, attempt: number, end: number, signal: AbortSignal): Promise<void> {
  // Jitter, or two losers meet again.
  const pauseMs = Math.min(2_000, 50 * 2 ** attempt) * (0.5 + Math.random());
  if (Date.now() + pauseMs >= end) throw lost;
  await pause(pauseMs, undefined, { signal });
}

/** Undefined when the step is done, the error when another try makes sense. */
async function tryStep(
  step: Step,
  database: Database,
  execution: Execution,
  end: number,
): Promise<Error | undefined> {
  return database.write(execution.signal, step.isTransaction, async (client) => {
    let sql = "";
    const run = async (statement: Statement): Promise<number> => {
      sql = statement.sql;
      return runStatement(client, statement, step.isTransaction ? "LOCAL" : "SESSION");
    };
    try {
      if (step.isTransaction) await runTransaction(client, step, run);
      else await runAlone(client, step, run, execution);
      return undefined;
    } catch (error) {
      const told = explain(error, execution.object, sql);
      if (isWorthRetrying(error) && Date.now() < end) return told;
      throw told;
    }
  });
}

async function runTransaction(
  client: PoolClient,
  step: Step,
  run: (statement: Statement) => Promise<number>,
): Promise<void> {
  await client.query("BEGIN");
  try {
    // A step that takes long would keep every other plan waiting; its own locks have to do.
    if (step.statements.every((statement) => statement.statementTimeoutMs <= 60_000)) {
      await client.query(`SET LOCAL lock_timeout = ${advisoryTimeoutMs}`);
      await client.query(advisoryLock);
    }
    if (step.role !== undefined) await client.query(`SET LOCAL ROLE ${quoteIdentifier(step.role)}`);
    for (const statement of step.statements) await run(statement);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function runAlone(
  client: PoolClient,
  step: Step,
  run: (statement: Statement) => Promise<number>,
  execution: Execution,
): Promise<void> {
  if (step.role !== undefined) await client.query(`SET ROLE ${quoteIdentifier(step.role)}`);
  for (const statement of step.statements) {
    let total = 0;
    for (
      let rows = await run(statement);
      statement.repeats === true && rows > 0;
      rows = await run(statement)
    ) {
      execution.signal.throwIfAborted();
      total += rows;
      execution.onProgress?.(`${execution.object}: ${total.toLocaleString("en")} rows filled`);
    }
  }
}

/** @returns how many rows it changed or answered */
async function runStatement(
  client: PoolClient,
  statement: Statement,
  scope: "LOCAL" | "SESSION",
): Promise<number> {
  await client.query(`SET ${scope} lock_timeout = ${statement.lockTimeoutMs}`);
  await client.query(`SET ${scope} statement_timeout = ${statement.statementTimeoutMs}`);
  // The extended protocol takes one statement only: a semicolon in a user's expression smuggles nothing in.
  const query = { text: statement.sql, queryMode: "extended" };
  const { rows, rowCount } = await client.query<Record<string, unknown>>(query);
  const refusal = statement.refusesIfTrue;
  const answers = rows.flatMap((row) => Object.values(row));
  if (refusal && answers.includes(true)) throw new UserError("refused", refusal.message, refusal.hint);
  return rowCount ?? 0;
}
