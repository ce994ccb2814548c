import { createHash } from "node:crypto";
import type { Client } from "pg";
import { commerceTables, type CommerceTable } from "../../lib/commerce-model.ts";
import { withClient } from "../../lib/connection.ts";
import { UserError } from "../../lib/errors.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import type { SeedProgress } from "./progress.ts";
import * as database from "./seed-database.ts";
import { decideSeed, type SeedDecision } from "./seed-decision.ts";
import { readJournal, removeJournal, writeJournal } from "./seed-journal.ts";
import { takeSeedLock } from "./seed-lock.ts";
import { parseSeedOptions, type SeedOptions, type SeedParameters } from "./seed-options.ts";
import { appendPlan, idBlock, type IdBlock, type SeedPlan } from "./seed-plan.ts";
import type { SeedResult, TableSummary } from "./seed-result.ts";
import { sessionSettings } from "./seed-sql.ts";
import { seedWorld, type SeedWorld } from "./seed-world.ts";
import { tableChunks, tableHash } from "./table-rows.ts";

/**
 * Fills the nine tables, one transaction a table, as the role `seeder` on the unpooled endpoint. A database
 * with rows is left alone, unless it holds part of a seed that was cut off, which is completed.
 * @throws UserError `seed-options`, `seed-running`, `seed-unfinished`, `seed-foreign-rows`, `no-tables`, `no-partition`
 */
export async function seed(
  stack: StackOutputs,
  options: SeedOptions,
  progress: SeedProgress,
): Promise<SeedResult> {
  const said = parseSeedOptions(options);
  const began = performance.now();
  return withClient(connectionTo(stack, "admin", "seeder"), "ecosphere-seed", async (client) => {
    await client.query(sessionSettings);
    await takeSeedLock(client);
    const identity = await database.databaseIdentity(client);
    const filled = await database.readFilledTables(client);
    const decision = decideSeed({
      said,
      append: options.append ?? false,
      reset: options.reset ?? false,
      journal: readJournal(options.journal, identity),
      filled,
    });
    if (decision.kind === "leave-alone") {
      removeJournal(options.journal);
      return { kind: "left-alone", filled: [...filled], foreign: [] };
    }
    const plan = decision.kind === "append" ? await planAppend(client, decision.parameters) : decision.plan;
    const world = await seedWorld(plan);
    const written = decision.kind === "resume" ? await compare(client, plan, world) : unwritten;
    if (written.foreign.length > 0) {
      if (decision.kind === "resume" && decision.known) throw foreignRows(written.foreign);
      return { kind: "left-alone", filled: [...filled], foreign: written.foreign };
    }
    await database.requirePartitions(client, plan);
    await prepare(client, options.journal, identity, decision, plan);
    const tables = await writeTables(client, plan, world, written.complete, progress);
    removeJournal(options.journal);
    const { rows, seed: number, asOf, mode } = plan;
    const ms = Math.round(performance.now() - began);
    return {
      kind: "seeded",
      mode,
      resumed: decision.kind === "resume",
      rows,
      seed: number,
      asOf,
      tables,
      ms,
    };
  });
}

/** Tables that hold exactly what the plan writes, by hash, and tables that hold something else. */
interface Written {
  readonly complete: ReadonlyMap<string, string>;
  readonly foreign: readonly string[];
}

const unwritten: Written = { complete: new Map(), foreign: [] };

async function compare(client: Client, plan: SeedPlan, world: SeedWorld): Promise<Written> {
  const complete = new Map<string, string>();
  const foreign: string[] = [];
  for (const table of commerceTables) {
    const block = blockToCompare(plan, table);
    const rows = await database.countRows(client, table, block);
    if (rows === 0) continue;
    const expected = tableHash(plan, world, table.name);
    const same =
      rows === idBlock(plan, table.name).count &&
      (await database.hashStoredRows(client, table, block)) === expected;
    if (same) complete.set(table.name, expected);
    else foreign.push(table.name);
  }
  return { complete, foreign };
}

/** Rows beside an append's own block are not its concern; a fresh seed knows of no others. */
function blockToCompare(plan: SeedPlan, table: CommerceTable): IdBlock | undefined {
  return plan.mode === "append" ? idBlock(plan, table.name) : undefined;
}

async function planAppend(client: Client, parameters: SeedParameters): Promise<SeedPlan> {
  const categoryIds = await database.readCategoryIds(client);
  const draft = appendPlan(parameters, {}, categoryIds);
  // Refuse before ids are taken: a sequence does not go back.
  await database.requirePartitions(client, draft);
  const firstIds: Record<string, number> = {};
  for (const table of commerceTables) {
    const { count } = idBlock(draft, table.name);
    if (count > 0) firstIds[table.name] = await database.reserveIds(client, table, count);
  }
  return appendPlan(parameters, firstIds, categoryIds);
}

/** Notes what is about to be written, so that a run after a kill finds it, and empties the tables if asked. */
async function prepare(
  client: Client,
  journal: string,
  identity: string,
  decision: SeedDecision,
  plan: SeedPlan,
): Promise<void> {
  if (decision.kind === "reset") {
    writeJournal(journal, { identity, phase: "truncate", plan });
    await database.truncateTables(client);
  }
  writeJournal(journal, { identity, phase: "write", plan });
}

async function writeTables(
  client: Client,
  plan: SeedPlan,
  world: SeedWorld,
  complete: ReadonlyMap<string, string>,
  progress: SeedProgress,
): Promise<TableSummary[]> {
  const countOf = ({ name }: CommerceTable): number => idBlock(plan, name).count;
  const missing = commerceTables.filter(({ name }) => !complete.has(name));
  progress.start(missing.reduce((total, table) => total + countOf(table), 0));
  const summaries: TableSummary[] = [];
  try {
    for (const table of commerceTables) {
      const rows = countOf(table);
      const hash = complete.get(table.name);
      if (hash !== undefined || rows === 0) {
        summaries.push({ table: table.name, rows, written: false, ms: 0, hash: hash ?? "" });
        continue;
      }
      const began = performance.now();
      const digest = createHash("sha256");
      const chunks = hashed(tableChunks(plan, world, table.name), digest, (count) => {
        progress.advance(table.name, count);
      });
      await database.writeTable(client, plan, table, chunks);
      const ms = Math.round(performance.now() - began);
      summaries.push({ table: table.name, rows, written: true, ms, hash: digest.digest("hex") });
    }
  } finally {
    progress.done();
  }
  return summaries;
}

function* hashed(
  chunks: Iterable<{ bytes: Buffer; rows: number }>,
  digest: { update(bytes: Buffer): unknown },
  advance: (rows: number) => void,
): Generator<Buffer> {
  for (const { bytes, rows } of chunks) {
    digest.update(bytes);
    yield bytes;
    advance(rows);
  }
}

function foreignRows(tables: readonly string[]): UserError {
  return new UserError(
    "seed-foreign-rows",
    `a seed was cut off, and since then rows have changed in ${tables.join(", ")}: it cannot be completed`,
    "Give --append to add rows beside them, or --reset to empty the nine tables and begin anew.",
  );
}
