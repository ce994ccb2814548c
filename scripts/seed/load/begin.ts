import type { Client } from "pg";
import {
  commerceTables,
  schemaName,
  seedSchemaName,
  type CommerceTable,
} from "../../../lib/commerce-model.ts";
import { UserError } from "../../../lib/errors.ts";
import { parseRangeBound, uncovered } from "../../../lib/range-bound.ts";
import { decadeStart, parseDay, timestampText } from "../generate/dates.ts";
import { readRuns, type SeedRun } from "../manifest.ts";
import { decideSeed, type SeedDecision } from "../seed-decision.ts";
import { appendPlan, idBlock, type SeedParameters, type SeedPlan } from "../seed-plan.ts";
import * as sql from "../seed-sql.ts";

/** What the user wants, parsed. */
export interface SeedWish {
  readonly said: Partial<SeedParameters>;
  readonly append: boolean;
  readonly reset: boolean;
}

/** The run to work on, or the tables that hold rows and are left alone. */
export type SeedBeginning =
  | { readonly kind: "run"; readonly run: SeedRun; readonly isResumed: boolean }
  | { readonly kind: "left-alone"; readonly filled: readonly string[] };

/**
 * Decides what is to be written and notes it, in one transaction: whoever comes after a kill goes on from there.
 * @throws UserError `seed-unfinished`, `no-tables`, `no-partition`, `ids-exhausted`
 */
export async function beginSeed(client: Client, wish: SeedWish): Promise<SeedBeginning> {
  const filled = await readFilledTables(client);
  const decision = decideSeed({ ...wish, runs: await readRuns(client), filled });
  switch (decision.kind) {
    case "leave-alone":
      return { kind: "left-alone", filled: [...filled] };
    case "go-on":
      await requirePartitions(client, decision.run.plan);
      return { kind: "run", run: decision.run, isResumed: true };
    case "fresh":
    case "reset":
    case "append":
      return { kind: "run", run: await noteRun(client, decision), isResumed: false };
  }
}

async function noteRun(
  client: Client,
  decision: Exclude<SeedDecision, { kind: "leave-alone" | "go-on" }>,
): Promise<SeedRun> {
  const plan = decision.kind === "append" ? await planAppend(client, decision.parameters) : decision.plan;
  await requirePartitions(client, plan);
  await client.query("BEGIN");
  try {
    if (decision.kind === "reset") await client.query(sql.truncateAll());
    if (decision.kind !== "append") {
      await client.query(sql.forgetRanges);
      await client.query(sql.forgetRuns);
      // At once, so that rows which the application adds meanwhile have other ids.
      for (const table of commerceTables) {
        await client.query(sql.setSequence(table), [idBlock(plan, table.name).count]);
      }
    }
    const { rows } = await client.query<{ runId: number }>(sql.addRun, [JSON.stringify(plan)]);
    await client.query("COMMIT");
    return { runId: rows[0]?.runId ?? 0, plan, isFinished: false };
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** The tables that hold a row. @throws UserError `no-tables` when one is missing */
async function readFilledTables(client: Client): Promise<Set<string>> {
  const names = commerceTables.map(({ name }) => name);
  const missing = [
    ...(await missingTables(client, schemaName, names)),
    ...(await missingTables(client, seedSchemaName, ["runs", "ranges"])),
  ];
  if (missing.length > 0) {
    throw new UserError(
      "no-tables",
      `the database lacks ${missing.join(", ")}`,
      "Run ./ecosphere up, which makes the tables.",
    );
  }
  const { rows } = await client.query<Record<string, boolean>>(sql.filledTables());
  return new Set(names.filter((name) => rows[0]?.[name]));
}

async function missingTables(client: Client, schema: string, names: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(sql.existingTables, [names, schema]);
  return names.filter((name) => !rows.some((row) => row.name === name)).map((name) => `${schema}.${name}`);
}

/** @throws UserError `no-partition` when users could register at a time that no partition takes */
async function requirePartitions(client: Client, plan: SeedPlan): Promise<void> {
  const asOf = parseDay(plan.asOf) ?? 0;
  const { rows } = await client.query<{ bound: string }>(sql.partitionBounds, [schemaName, "users"]);
  const bounds = rows.map(({ bound }) => parseRangeBound(bound)).filter((bound) => bound !== undefined);
  const gaps = uncovered(bounds, timestampText(decadeStart(asOf)), timestampText(asOf));
  if (gaps.length === 0) return;
  const texts = gaps.map(({ from, to }) => `${from} to ${to}`);
  throw new UserError(
    "no-partition",
    `users has no partition for ${texts.join(" and ")}, and users register anywhere in the decade of --as-of ${plan.asOf}`,
    "Widen the config keys partitionFrom and partitionTo and run ./ecosphere up, or give another --as-of.",
  );
}

async function planAppend(client: Client, parameters: SeedParameters): Promise<SeedPlan> {
  const { rows } = await client.query<{ id: number }>(sql.categoryIds);
  const categoryIds = rows.map(({ id }) => id);
  const draft = appendPlan(parameters, {}, categoryIds);
  // Refuse before ids are taken: a sequence does not go back.
  await requirePartitions(client, draft);
  const firstIds: Record<string, number> = {};
  for (const table of commerceTables) {
    const { count } = idBlock(draft, table.name);
    if (count > 0) firstIds[table.name] = await reserveIds(client, table, count);
  }
  return appendPlan(parameters, firstIds, categoryIds);
}

/** Takes `count` free ids of a table for good, and returns the first. */
async function reserveIds(client: Client, table: CommerceTable, count: number): Promise<number> {
  const { rows } = await client.query<{ first: string; last: string }>(sql.reserveIds(table), [count]);
  const first = Number(rows[0]?.first);
  if (first + count - 1 <= 0x7fff_ffff) return first;
  throw new UserError(
    "ids-exhausted",
    `${table.name} has ids for no ${count} more rows; the last is 2147483647`,
  );
}
