import { parentPort, workerData } from "node:worker_threads";
import { seedPlanSchema } from "../seed-plan.ts";
import { SeedPerformer, type SeedTask } from "./performer.ts";
import { plainError, type FromWorker } from "./worker-messages.ts";

/** A message wakes the other thread: one for each chunk took a tenth of this thread's time. */
const reportEveryMs = 100;

// A thread that does the tasks of one plan, one after the other, as they come.
const port = parentPort;
if (!port) throw new Error("worker-thread.ts runs as a thread alone");
const tell = (message: FromWorker): void => {
  port.postMessage(message);
};
/** Rows that were sent and are not told of yet. */
let untold = 0;
let told = 0;
const tellRows = (): void => {
  if (untold !== 0) tell({ kind: "rows", count: untold });
  untold = 0;
  told = performance.now();
};
const performer = SeedPerformer.of(seedPlanSchema.parse(workerData));

port.on("message", (task: SeedTask) => {
  void performer
    .then((ready) =>
      ready.perform(task, {
        rows: (count) => {
          untold += count;
          if (performance.now() - told >= reportEveryMs) tellRows();
        },
        waiting: (reason) => {
          tell({ kind: "waiting", reason });
        },
      }),
    )
    .finally(tellRows)
    .then(
      (result) => {
        tell({ kind: "done", result });
      },
      (error: unknown) => {
        tell({ kind: "failed", error: plainError(error) });
      },
    );
});
