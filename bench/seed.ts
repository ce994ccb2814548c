import { spawn } from "node:child_process";
import { join } from "node:path";
import { commerceTables, schemaName } from "../lib/commerce-model.ts";
import { clientConfig, withClient } from "../lib/connection.ts";
import { qualify, quoteIdentifier } from "../lib/identifier.ts";
import { eventually } from "../lib/poll.ts";
import { projectRoot } from "../lib/paths.ts";
import { connectionTo } from "../lib/stack-outputs.ts";
import { ChunkBuffers } from "../scripts/seed/generate/copy-binary.ts";
import { Generator } from "../scripts/seed/generate/generator.ts";
import { chunksOf, rangesOf } from "../scripts/seed/generate/row-range.ts";
import { freshPlan, rowsPerScale, type SeedPlan } from "../scripts/seed/seed-plan.ts";
import { withoutTriggers } from "../scripts/seed/seed-sql.ts";
import { time, type Benchmark, type Prepared } from "./harness.ts";
import { copyLine, fakerTables, insertSql } from "./seed/by-faker.ts";
import { runPeer } from "./seed/peer-program.ts";
import { runPostgresTool } from "./seed/postgres-tools.ts";
import { ReadyMadeRows } from "./seed/ready-made.ts";
import { asOf, rowsOfUnit, seededStack, untilCaughtUp, type SeededStack } from "./seed/seeded-stack.ts";

const scale = 200;
const size = `${(scale * rowsOfUnit) / 1e6} million rows (--scale ${scale})`;
const seedTitle = `seconds per million rows of a seed of ${size}: keys proven, indexes there, statistics, replicas caught up`;
const planOf = (units: number, realistic = true): SeedPlan =>
  freshPlan({ size: { scale: units }, seed: 512, asOf, realistic });

/** Two ways on one stack. */
async function onStack(
  work: (stack: SeededStack) => Omit<Prepared, typeof Symbol.asyncDispose>,
): Promise<Prepared> {
  const stack = await seededStack();
  return { ...work(stack), [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}

const perMillion = (seconds: number, rows: number): number => (seconds * 1e6) / rows;
const ours = async (stack: SeededStack): Promise<number> =>
  perMillion(await stack.seed(scale), scale * rowsOfUnit);

const drizzle: Benchmark = {
  name: "seed-drizzle",
  title: seedTitle,
  peer: "drizzle-seed, the same tables, 5 units, keys not checked",
  aim: 1 / 20,
  prepare: () =>
    onStack((stack) => ({
      ours: () => ours(stack),
      peer: async () => {
        const units = 5;
        await stack.empty();
        const connection = clientConfig(connectionTo(stack.outputs, "admin", "seeder"), "drizzle-seed");
        const counts = Object.fromEntries(
          Object.entries(rowsPerScale).map(([table, count]) => [table, count * units]),
        );
        const printed = await runPeer("drizzle-seed.mjs", { connection, counts });
        return perMillion(Number(printed) / 1000, units * rowsOfUnit);
      },
    })),
};

const pgbench: Benchmark = {
  name: "seed-pgbench",
  title: `seconds per megabyte of tables of a seed of ${size}`,
  peer: "pgbench -i --partitions=12 -I dtgvp, about as many megabytes of one table",
  aim: 1 / 0.6,
  prepare: () =>
    onStack((stack) => {
      const admin = connectionTo(stack.outputs, "admin", "admin");
      const inPostgres = (sql: string): Promise<unknown> =>
        withClient({ ...admin, database: "postgres" }, "ecosphere-bench", (client) => client.query(sql));
      return {
        ours: async () => (await stack.seed(scale)) / (await stack.tableMegabytes()),
        peer: async () => {
          await inPostgres("CREATE DATABASE bench");
          try {
            const own = { ...admin, database: "bench" };
            const seconds = await time(async () => {
              await runPostgresTool(
                "pgbench",
                ["-i", "-q", "-s", "20", "--partitions=12", "-I", "dtgvp"],
                own,
              );
              await untilCaughtUp(stack.outputs);
            });
            const bytes = await withClient(own, "ecosphere-bench", async (client) => {
              const { rows } = await client.query<{ bytes: string }>(
                "SELECT sum(pg_table_size(oid))::text AS bytes FROM pg_class WHERE relname LIKE 'pgbench_%' AND relkind = 'r'",
              );
              return Number(rows[0]?.bytes);
            });
            return seconds / (bytes / 1e6);
          } finally {
            await inPostgres("DROP DATABASE bench WITH (FORCE)");
          }
        },
      };
    }),
};

/** Beside the same rows in files. @param prepare gives how they get into a stack's database */
function readyMade(
  { name, peer, aim }: Pick<Benchmark, "name" | "peer" | "aim">,
  prepare: (stack: SeededStack) => Promise<(rows: ReadyMadeRows) => Promise<unknown>>,
): Benchmark {
  return {
    ...{ name, title: seedTitle, peer, aim },
    prepare: async () => {
      await using made = new AsyncDisposableStack();
      const rows = made.use(await ReadyMadeRows.of(planOf(scale)));
      const stack = made.use(await seededStack());
      const work = await prepare(stack);
      const owned = made.move();
      return {
        ours: () => ours(stack),
        peer: async () => perMillion(await time(() => work(rows)), scale * rowsOfUnit),
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      };
    },
  };
}

const readyFiles = readyMade(
  {
    name: "seed-files",
    peer: "the same rows, ready-made, by psql \\copy: two at a time, keys not checked until the same end",
    aim: 1.15,
  },
  async (stack) => async (rows) => {
    await stack.empty();
    await rows.copy(connectionTo(stack.outputs, "admin", "seeder"), schemaName, `${withoutTriggers};`);
    await stack.finish();
  },
);

/** What no way into these tables can beat: bytes that are there, and nothing that makes tables of them. */
const bareTables = readyMade(
  {
    name: "seed-bare",
    peer: "the same rows, ready-made, by psql \\copy into bare tables: no key, no index, nothing proven",
    aim: 3,
  },
  async (stack) => {
    const admin = connectionTo(stack.outputs, "admin", "admin");
    const inDatabase = (statements: readonly string[]): Promise<unknown> =>
      withClient(admin, "ecosphere-bench", (client) => client.query(statements.join(";")));
    const bare = "bare";
    const names = commerceTables.map(({ name }) => name);
    await inDatabase([
      `CREATE SCHEMA ${quoteIdentifier(bare)}`,
      ...names.map((name) => `CREATE TABLE ${qualify(bare, name)} (LIKE ${qualify(schemaName, name)})`),
    ]);
    return async (rows) => {
      await inDatabase([`TRUNCATE ${names.map((name) => qualify(bare, name)).join(", ")}`]);
      await rows.copy(admin, bare);
      await untilCaughtUp(stack.outputs);
    };
  },
);

/** Faker for each cell, and INSERT of so many rows a statement, keys checked row by row. */
function inserts(name: string, rowsAStatement: number, units: number, aim: number): Benchmark {
  return {
    name,
    title: seedTitle,
    peer: `Faker for each cell, INSERT of ${rowsAStatement === 1 ? "one row" : `${rowsAStatement} rows`} a statement, ${units} units`,
    aim,
    prepare: () =>
      onStack((stack) => ({
        ours: () => ours(stack),
        peer: async () => {
          await stack.empty();
          const tables = fakerTables(units);
          const rows = tables.reduce((sum, { count }) => sum + count, 0);
          const seconds = await time(() =>
            withClient(connectionTo(stack.outputs, "admin", "app"), "ecosphere-bench", async (client) => {
              for (const { table, count, row } of tables) {
                for (let first = 1; first <= count; first += rowsAStatement) {
                  const several = Math.min(rowsAStatement, count - first + 1);
                  const values = Array.from({ length: several }, (_, at) => row(first + at)).flat();
                  await client.query(insertSql(table, several), values);
                }
              }
            }),
          );
          return perMillion(seconds, rows);
        },
      })),
  };
}

/** Long enough that the time in which Node compiles either does not decide. */
const generated = { scale: 250, units: 10 };

/** The peer's rows are independent draws, as those of `realistic: false`; a shop's hang together. */
const generation = (name: string, realistic: boolean): Benchmark => ({
  name,
  title: `processor seconds per million rows of generating ${(generated.scale * rowsOfUnit) / 1e6} million rows (--scale ${generated.scale}, realistic: ${realistic}) as COPY takes them`,
  peer: `Faker for each cell, ${generated.units} units as lines of COPY`,
  aim: 1 / 30,
  prepare: async () => {
    const plan = planOf(generated.scale, realistic);
    const generator = await Generator.of(plan);
    const buffers = new ChunkBuffers();
    return {
      ours: () =>
        Promise.resolve(
          processorTime(() => {
            let made = 0;
            for (const range of rangesOf(plan)) {
              for (const { rows } of chunksOf(generator, range, buffers)) made += rows;
              buffers.reuse();
            }
            return made;
          }),
        ),
      peer: () =>
        Promise.resolve(
          processorTime(() => {
            let [rows, characters] = [0, 0];
            for (const { count, row } of fakerTables(generated.units)) {
              for (let id = 1; id <= count; id++) characters += copyLine(row(id)).length;
              rows += count;
            }
            if (characters === 0) throw new RangeError("nothing was generated");
            return rows;
          }),
        ),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
});

/** Long enough that the start of another process does not decide. */
const resumed = 150;

const resume: Benchmark = {
  name: "seed-resume",
  title: `a seed of ${(resumed * rowsOfUnit) / 1e6} million rows (--scale ${resumed}) that is killed half way, and its completion, in seconds`,
  peer: "the same seed in one go",
  aim: 1.1,
  prepare: () =>
    onStack((stack) => {
      const inProcess = async (args: object, killAt: number): Promise<number> => {
        const script = join(projectRoot, "bench", "seed", "seed-process.ts");
        const child = spawn(process.execPath, ["--no-warnings", script], {
          stdio: ["pipe", "ignore", "inherit"],
        });
        child.stdin.end(JSON.stringify({ stack: stack.outputs, ...args }));
        const began = performance.now();
        const ended = new Promise<number | null>((resolve) => {
          child.once("close", resolve);
        });
        if (killAt > 0) {
          await eventually({ what: "half of the rows", withinMs: 120_000, everyMs: 50 }, async () =>
            (await rowsNoted(stack)) >= killAt ? true : undefined,
          );
          child.kill("SIGKILL");
        }
        const code = await ended;
        if (killAt === 0 && code !== 0) throw new Error(`the seed ended with ${code ?? "a signal"}`);
        return (performance.now() - began) / 1000;
      };
      return {
        ours: async () => {
          await stack.seed(1);
          const first = await inProcess({ scale: resumed, asOf, reset: true }, (resumed * rowsOfUnit) / 2);
          return first + (await inProcess({ asOf }, 0));
        },
        peer: async () => {
          await stack.seed(1);
          return inProcess({ scale: resumed, asOf, reset: true }, 0);
        },
      };
    }),
};

async function rowsNoted({ outputs }: SeededStack): Promise<number> {
  return withClient(connectionTo(outputs, "admin", "seeder"), "ecosphere-bench", async (client) => {
    const { rows } = await client.query<{ rows: number }>(
      "SELECT coalesce(sum(row_count), 0)::int AS rows FROM seed.ranges WHERE run_id IN (SELECT run_id FROM seed.runs WHERE finished_at IS NULL)",
    );
    return rows[0]?.rows ?? 0;
  });
}

/** Processor seconds per million rows that `work` says it has made. */
function processorTime(work: () => number): number {
  const before = process.cpuUsage();
  const rows = work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rows;
}

export const benchmarks: readonly Benchmark[] = [
  drizzle,
  pgbench,
  readyFiles,
  bareTables,
  inserts("seed-inserts", 1000, 2, 1 / 15),
  inserts("seed-single-inserts", 1, 0.2, 1 / 500),
  generation("seed-generation", true),
  generation("seed-generation-uniform", false),
  resume,
];
