import { shareOut } from "../../lib/all-ended.ts";
import { schemaName } from "../../lib/commerce-model.ts";
import { withClient } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import { CheckContext } from "./check-context.ts";
import type { Check, CheckOutcome, DisplayTable } from "./check.ts";
import { endpoints } from "./checks/endpoints.ts";
import { foreignKeys } from "./checks/foreign-keys.ts";
import { generatedRows } from "./checks/generated-rows.ts";
import { partitionPruning } from "./checks/partition-pruning.ts";
import { readerCannotWrite } from "./checks/reader-cannot-write.ts";
import { replicaContent } from "./checks/replica-content.ts";
import { replicasRefuseWrites } from "./checks/replicas-refuse-writes.ts";
import { replication } from "./checks/replication.ts";
import { reportQueries } from "./checks/report-queries.ts";
import { rowCounts } from "./checks/row-counts.ts";
import { shopQueriesCheck } from "./checks/shop-queries.ts";
import { shopShapes } from "./checks/shop-shapes.ts";
import { spreadReads } from "./checks/spread-reads.ts";
import { tablesAndColumns } from "./checks/tables-and-columns.ts";

/** In the order in which they are shown. */
export const allChecks: readonly Check[] = [
  endpoints,
  tablesAndColumns,
  rowCounts,
  foreignKeys,
  reportQueries,
  partitionPruning,
  replication,
  replicaContent,
  generatedRows,
  shopShapes,
  shopQueriesCheck(),
  spreadReads,
  replicasRefuseWrites,
  readerCannotWrite,
];

export interface CheckResult {
  readonly name: string;
  readonly title: string;
  readonly endpoint: string;
  readonly passed: boolean;
  /** What was found; for a failed check its first fault. */
  readonly detail: string;
  readonly faults: readonly string[];
  readonly tables: readonly DisplayTable[];
  readonly ms: number;
}

export interface CheckReport {
  readonly passed: boolean;
  readonly checks: readonly CheckResult[];
}

/** Told of each check as it ends. */
export interface CheckProgress {
  finished(result: CheckResult): void;
}

const defaultWithinMs = 30_000;
/** Twenty times what the slowest check takes for a million rows on two cores. */
const msPerMillionRows = 60_000;
/** None of them writes, so they may run beside one another; more at once only wait for the same servers. */
const sideBySide = 4;

export interface CheckOptions {
  /** An application has changed rows: what holds only for those as seeded is left out. */
  readonly isLive?: boolean;
  readonly progress?: CheckProgress;
  readonly checks?: readonly Check[];
}

/** Runs the checks. Never throws for a stack that is broken: that is what the report is for. */
export async function runChecks(
  stack: StackOutputs,
  { isLive = false, progress, checks: all = allChecks }: CheckOptions = {},
): Promise<CheckReport> {
  const checks = all.filter(({ onlyAsSeeded }) => !isLive || !onlyAsSeeded);
  const extraMs = ((await estimatedRows(stack)) / 1e6) * msPerMillionRows;
  const results = new Map<Check, CheckResult>();
  await shareOut(Array.from({ length: sideBySide }), checks, async (_, check) => {
    const result = await runCheck(stack, check, extraMs);
    results.set(check, result);
    progress?.finished(result);
  });
  const inOrder = checks.map((check) => results.get(check)).filter((result) => result !== undefined);
  return { passed: inOrder.every(({ passed }) => passed), checks: inOrder };
}

async function runCheck(stack: StackOutputs, check: Check, extraMs: number): Promise<CheckResult> {
  const { name, title, endpoint } = check;
  const withinMs = (check.withinMs ?? defaultWithinMs) + Math.round(extraMs);
  const began = performance.now();
  const outcome = await bounded(check, new CheckContext(stack, withinMs), withinMs);
  const [fault] = outcome.faults;
  const more = outcome.faults.length > 1 ? ` (and ${outcome.faults.length - 1} more)` : "";
  return {
    name,
    title,
    endpoint,
    passed: fault === undefined,
    detail: fault === undefined ? outcome.detail : `${fault}${more}`,
    faults: outcome.faults,
    tables: outcome.tables ?? [],
    ms: Math.round(performance.now() - began),
  };
}

const rowsSql = `
  SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 AS rows
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind = 'r'`;

/** What the planner takes the shop's rows for; 0 when it cannot be asked, which the checks then tell. */
async function estimatedRows(stack: StackOutputs): Promise<number> {
  try {
    return await withClient(connectionTo(stack, "rw", "reporting"), "ecosphere-check", async (client) => {
      const { rows } = await client.query<{ rows: number }>(rowsSql, [schemaName]);
      return rows[0]?.rows ?? 0;
    });
  } catch {
    return 0;
  }
}

async function bounded(check: Check, context: CheckContext, withinMs: number): Promise<CheckOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<CheckOutcome>((resolve) => {
    timer = setTimeout(() => {
      resolve({ faults: [`did not end within ${Math.round(withinMs / 1000)} s`], detail: "" });
      context.abort();
    }, withinMs);
  });
  try {
    return await Promise.race([check.run(context), expired]);
  } catch (error) {
    return { faults: [messageOf(error)], detail: "" };
  } finally {
    clearTimeout(timer);
  }
}
