import { benchStack } from "./bench-stack.ts";
import type { Benchmark } from "./harness.ts";
import { startPlainCluster } from "./plain-cluster.ts";

/** As many as a stack has by default. */
const replicas = 2;

export const benchmark: Benchmark = {
  name: "bring-up",
  title: "pulumi up to a replicated cluster with roles and tables, images cached",
  peer: "the same containers by docker run, to two streaming replicas",
  aim: 1.3,
  prepare: async () => {
    const stack = await benchStack();
    // The first build fills the image cache, which no round may pay for.
    await stack.up();
    await stack.destroy();
    return {
      ours: async () => {
        try {
          return await stack.up();
        } finally {
          await stack.destroy();
        }
      },
      peer: async () => {
        const start = performance.now();
        await using cluster = await startPlainCluster(replicas);
        await cluster.ready;
        return (performance.now() - start) / 1000;
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};
