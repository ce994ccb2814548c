import { parentPort, workerData } from "node:worker_threads";
import { seedPlanSchema } from "../seed-plan.ts";
import { SeedPerformer, type SeedTask } from "./performer.ts";
import { plainError, type FromWorker } from "./worker-messages.ts";

// A thread that does the tasks of one plan, one after the other, as they come.
const port = parentPort;
if (!port) throw new Error("worker-thread.ts runs as a thread alone");
const tell = (message: FromWorker): void => {
  port.postMessage(message);
};
const performer = SeedPerformer.of(seedPlanSchema.parse(workerData));

port.on("message", (task: SeedTask) => {
  void performer
    .then((ready) =>
      ready.perform(task, {
        rows: (count) => {
          tell({ kind: "rows", count });
        },
        waiting: (reason) => {
          tell({ kind: "waiting", reason });
        },
      }),
    )
    .then(
      (result) => {
        tell({ kind: "done", result });
      },
      (error: unknown) => {
        tell({ kind: "failed", error: plainError(error) });
      },
    );
});
