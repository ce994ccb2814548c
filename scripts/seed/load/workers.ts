import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { allEnded } from "../../../lib/all-ended.ts";
import type { SeedPlan } from "../seed-plan.ts";
import { rangeRows, type RowRange } from "../generate/row-range.ts";
import { RangeQueue } from "./range-queue.ts";
import { SeedPerformer, type SeedTask, type TaskReport, type TaskResult } from "./performer.ts";
import { errorOf, type FromWorker } from "./worker-messages.ts";

/** Beyond this the server's own processors are busy, on any host that it shares. */
const mostThreads = 8;
/** The young generation of a thread's heap: rows die at once, and more of it is only more memory. */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };

interface SeedWorker {
  perform(task: SeedTask, report: TaskReport): Promise<TaskResult>;
  close(): Promise<void>;
}

/**
 * Does a task for each of many ranges: in threads side by side, or, for no more than one range's worth of rows, in
 * this thread, which needs no start.
 */
export class SeedWorkers implements AsyncDisposable {
  readonly #workers: readonly SeedWorker[];

  private constructor(workers: readonly SeedWorker[]) {
    this.#workers = workers;
  }

  static async start(plan: SeedPlan, ranges: readonly RowRange[]): Promise<SeedWorkers> {
    const rows = ranges.reduce((sum, { count }) => sum + count, 0);
    if (rows <= rangeRows) return new SeedWorkers([await SeedPerformer.of(plan)]);
    const count = Math.min(availableParallelism(), mostThreads, ranges.length);
    return new SeedWorkers(Array.from({ length: count }, () => new ThreadWorker(plan)));
  }

  /**
   * @param taskOf called when a worker is free for the range; may wait
   * @param done called for each range as it ends, in no particular order
   * @throws what the first task that failed has thrown, once all tasks under way have ended
   */
  async forEach(
    ranges: readonly RowRange[],
    taskOf: (range: RowRange) => Promise<SeedTask>,
    report: (range: RowRange) => TaskReport,
    done: (range: RowRange, result: TaskResult) => void,
  ): Promise<void> {
    const queue = new RangeQueue(ranges);
    const work = async (worker: SeedWorker): Promise<void> => {
      for (let range = queue.take(undefined); range; range = queue.take(range)) {
        try {
          done(range, await worker.perform(await taskOf(range), report(range)));
        } catch (error) {
          queue.clear();
          throw error;
        }
      }
    };
    await allEnded(this.#workers.map(work));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }
}

class ThreadWorker implements SeedWorker {
  readonly #thread: Worker;

  constructor(plan: SeedPlan) {
    this.#thread = new Worker(new URL("worker-thread.ts", import.meta.url), {
      workerData: plan,
      resourceLimits,
    });
  }

  async perform(task: SeedTask, report: TaskReport): Promise<TaskResult> {
    const ended = Promise.withResolvers<TaskResult>();
    const listen = (message: FromWorker): void => {
      switch (message.kind) {
        case "rows":
          report.rows(message.count);
          break;
        case "waiting":
          report.waiting(message.reason);
          break;
        case "done":
          ended.resolve(message.result);
          break;
        case "failed":
          ended.reject(errorOf(message.error));
      }
    };
    this.#thread.on("message", listen).once("error", ended.reject);
    try {
      this.#thread.postMessage(task);
      return await ended.promise;
    } finally {
      this.#thread.off("message", listen).off("error", ended.reject);
    }
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }
}
