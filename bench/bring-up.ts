import { benchStack, type BenchStack } from "./bench-stack.ts";
import type { Benchmark } from "./harness.ts";
import { startPlainCluster } from "./plain-cluster.ts";

/** As many as a stack has by default. */
const replicas = 2;
const proxies = 2;

/**
 * A benchmark of a deployment beside the same containers started by hand.
 * @param deploy what is timed, on a stack that does not exist yet
 */
export function besidePlainCluster(
  about: Pick<Benchmark, "name" | "title" | "aim">,
  deploy: (stack: BenchStack) => Promise<number>,
): Benchmark {
  return {
    ...about,
    peer: "the same containers by docker run, to two streaming replicas",
    prepare: async () => {
      const stack = await benchStack();
      // The first build fills the image cache, which no round may pay for.
      await stack.up();
      await stack.destroy();
      return {
        ours: async () => {
          try {
            return await deploy(stack);
          } finally {
            await stack.destroy();
          }
        },
        peer: async () => {
          const start = performance.now();
          await using cluster = await startPlainCluster(replicas, proxies);
          await cluster.ready;
          return (performance.now() - start) / 1000;
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  };
}

export const benchmark = besidePlainCluster(
  { name: "bring-up", title: "pulumi up of the cluster, to two streaming replicas, images cached", aim: 1.3 },
  (stack) => stack.upCluster(),
);
