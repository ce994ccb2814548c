import { benchStack } from "./bench-stack.ts";
import { time, type Benchmark } from "./harness.ts";
import { startPlainCluster } from "./plain-cluster.ts";

const replicas = 2;

export const bringUp: Benchmark = {
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

export const tearDown: Benchmark = {
  name: "destroy",
  title: "./ecosphere destroy",
  peer: "docker rm --force of the same containers, volumes and network",
  aim: 4,
  prepare: async () => {
    const stack = await benchStack();
    return {
      ours: async () => {
        await stack.up();
        return stack.destroy();
      },
      peer: async () => {
        const cluster = await startPlainCluster(replicas);
        try {
          await cluster.ready;
        } catch (error) {
          await cluster[Symbol.asyncDispose]();
          throw error;
        }
        return time(async () => {
          await cluster[Symbol.asyncDispose]();
        });
      },
      [Symbol.asyncDispose]: async () => {
        await stack.destroy();
      },
    };
  },
};
