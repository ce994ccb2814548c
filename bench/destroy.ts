import { benchStack } from "./bench-stack.ts";
import { time, type Benchmark } from "./harness.ts";
import { startPlainCluster } from "./plain-cluster.ts";

/** As many as a stack has by default. */
const replicas = 2;
const proxies = 2;

export const benchmark: Benchmark = {
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
        const cluster = await startPlainCluster(replicas, proxies);
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
