import { clientConfig } from "../lib/connection.ts";
import { steadyPool } from "../lib/connection-pool.ts";
import { connectionTo, type StackOutputs } from "../lib/stack-outputs.ts";
import { createDrillSchema, writtenTable } from "../scripts/drill/drill-schema.ts";
import { Parts } from "../scripts/drill/parts.ts";
import { readOutputs } from "../scripts/stack/stack-state.ts";
import { benchStack } from "./bench-stack.ts";
import { time, type Benchmark } from "./harness.ts";
import { setSynchronousMode } from "./synchronous-mode.ts";

const clients = 8;
const transactions = 4000;

/** What it costs that a commit waits for a replica. */
export const benchmark: Benchmark = {
  name: "quorum",
  title: `${transactions} transactions of one row each by ${clients} clients of rw; a commit waits for a replica`,
  peer: "the same stack, asynchronous",
  aim: 2,
  prepare: async () => {
    const stack = await benchStack();
    await stack.up();
    const outputs = await readOutputs(stack.name);
    const parts = await Parts.of(stack.name);
    const app = connectionTo(outputs, "rw", "app");
    await createDrillSchema(connectionTo(outputs, "admin", "admin"), [app.user]);
    const seconds = { quorum: 0, off: 0 };
    const measured = async (mode: "quorum" | "off"): Promise<number> => {
      await setSynchronousMode(parts, outputs, mode);
      // The first connections are made outside the time.
      await insert(outputs, clients * 5);
      return (seconds[mode] = await time(() => insert(outputs, transactions)));
    };
    return {
      ours: () => measured("quorum"),
      peer: () => measured("off"),
      remark: () => {
        const rate = (of: number): string => (of > 0 ? (transactions / of).toFixed(0) : "?");
        return `last round: ${rate(seconds.quorum)} transactions a second with a quorum, ${rate(seconds.off)} without`;
      },
      [Symbol.asyncDispose]: async () => {
        await stack.destroy();
      },
    };
  },
};

async function insert(outputs: StackOutputs, count: number): Promise<void> {
  const pool = steadyPool({
    ...clientConfig(connectionTo(outputs, "rw", "app"), "ecosphere-bench"),
    max: clients,
  });
  let left = count;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      await pool.query({
        name: "insert",
        text: `INSERT INTO ${writtenTable} (id, source, timeline) VALUES ($1, 'bench', 0)`,
        values: [left],
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, work));
  } finally {
    await pool.end();
  }
}
