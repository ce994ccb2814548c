import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Client } from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { commerceTable } from "../../../lib/commerce-model.ts";
import { withClient, type Connection } from "../../../lib/connection.ts";
import { Generator } from "../generate/generator.ts";
import { ChunkBuffers, endOfRow, startOfRows } from "../generate/copy-binary.ts";
import { chunksOf, rangeHash, type RowRange } from "../generate/row-range.ts";
import { addWritten, hashOfWritten } from "../manifest.ts";
import type { SeedPlan } from "../seed-plan.ts";
import * as sql from "../seed-sql.ts";
import { SteadySession } from "./steady-session.ts";

/** What can be done with a range of rows. `compare`: by what an instance has stored. */
export type SeedTask =
  | { readonly kind: "write"; readonly runId: number; readonly range: RowRange; readonly to: Connection }
  | { readonly kind: "hash"; readonly range: RowRange }
  | { readonly kind: "compare"; readonly range: RowRange; readonly from: Connection };

export interface TaskResult {
  /** SHA-256 of the range as it is generated. */
  readonly hash: string;
  /** Of a comparison: the first id whose stored row is not the generated one, or that is not there. */
  readonly firstDifferentId?: number;
}

/** Told while a task goes on. */
export interface TaskReport {
  /** So many more rows were sent; negative when they are undone. */
  readonly rows: (count: number) => void;
  /** Nothing moves, and why. */
  readonly waiting: (reason: string) => void;
}

/** Does the tasks of one plan, one at a time. It holds one session, for writing. */
export class SeedPerformer {
  readonly #generator: Generator;
  #session: SteadySession | undefined;
  #buffers = new ChunkBuffers();

  private constructor(generator: Generator) {
    this.#generator = generator;
  }

  static async of(plan: SeedPlan): Promise<SeedPerformer> {
    return new SeedPerformer(await Generator.of(plan));
  }

  async perform(task: SeedTask, report: TaskReport): Promise<TaskResult> {
    switch (task.kind) {
      case "write":
        return { hash: await this.#write(task, report) };
      case "hash":
        return this.#hash(task.range, report);
      case "compare":
        return this.#compare(task.range, task.from, report);
    }
  }

  async close(): Promise<void> {
    await this.#session?.close();
  }

  /** Rows and note in one transaction; once more after a lost connection, unless it has been committed. */
  async #write(
    { runId, range, to }: Extract<SeedTask, { kind: "write" }>,
    report: TaskReport,
  ): Promise<string> {
    this.#session ??= new SteadySession(to, `${sql.sessionSettings}; ${sql.withoutTriggers}`, report.waiting);
    let sent = 0;
    return this.#session.use(async (client) => {
      report.rows(-sent);
      sent = 0;
      const known = await hashOfWritten(client, runId, range);
      if (known !== undefined) {
        report.rows(range.count);
        return known;
      }
      await client.query("BEGIN");
      const digest = createHash("sha256");
      const chunks = this.#chunks(range, (rows, bytes) => {
        digest.update(bytes);
        sent += rows;
        report.rows(rows);
      });
      try {
        await pipeline(Readable.from(chunks), client.query(copyFrom(sql.copyIn(commerceTable(range.table)))));
        // The server has them all.
        this.#buffers.reuse();
        const hash = digest.digest("hex");
        await addWritten(client, runId, range, hash);
        await client.query("COMMIT");
        return hash;
      } catch (error) {
        // The connection may still be sending some.
        this.#buffers = new ChunkBuffers();
        await client.query("ROLLBACK").catch(() => undefined);
        throw error;
      }
    });
  }

  #hash(range: RowRange, report: TaskReport): TaskResult {
    const hash = rangeHash(this.#generator, range);
    report.rows(range.count);
    return { hash };
  }

  async #compare(range: RowRange, from: Connection, report: TaskReport): Promise<TaskResult> {
    const hash = rangeHash(this.#generator, range);
    return withClient(from, "ecosphere-check", async (client) => {
      await client.query(sql.sessionSettings);
      const stored = await hashOfStored(client, range);
      report.rows(range.count);
      if (stored === hash) return { hash };
      return { hash, firstDifferentId: await this.#firstDifference(client, range) };
    });
  }

  /** Row by row: only where two ranges are known to differ. */
  async #firstDifference(client: Client, range: RowRange): Promise<number> {
    const chunks: Buffer[] = [];
    for await (const chunk of storedChunks(client, range)) chunks.push(chunk);
    const stored = Buffer.concat(chunks);
    const expected = Buffer.concat(Array.from(chunksOf(this.#generator, range), ({ bytes }) => bytes));
    let at = startOfRows;
    for (let id = range.first; id < range.first + range.count; id++) {
      const [end, storedEnd] = [endOfRow(expected, at), endOfRow(stored, at)];
      if (!expected.subarray(at, end).equals(stored.subarray(at, storedEnd))) return id;
      at = end;
    }
    return range.first + range.count;
  }

  *#chunks(range: RowRange, sending: (rows: number, bytes: Buffer) => void): Iterable<Buffer> {
    for (const { bytes, rows } of chunksOf(this.#generator, range, this.#buffers)) {
      sending(rows, bytes);
      yield bytes;
    }
  }
}

async function hashOfStored(client: Client, range: RowRange): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of storedChunks(client, range)) hash.update(chunk);
  return hash.digest("hex");
}

async function* storedChunks(client: Client, range: RowRange): AsyncIterable<Buffer> {
  for await (const chunk of client.query(copyTo(sql.copyOut(commerceTable(range.table), range)))) {
    if (Buffer.isBuffer(chunk)) yield chunk;
  }
}
