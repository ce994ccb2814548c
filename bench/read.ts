import { ClusterClient } from "../lib/client/cluster-client.ts";
import { clusterOptions } from "../lib/client/options.ts";
import { clientConfig, withClient } from "../lib/connection.ts";
import { steadyPool } from "../lib/connection-pool.ts";
import { connectionTo, type StackOutputs } from "../lib/stack-outputs.ts";
import { readOutputs } from "../scripts/stack/stack-state.ts";
import { benchStack } from "./bench-stack.ts";
import { time, type Benchmark } from "./harness.ts";

const rows = 10_000;

interface Way {
  readonly name: string;
  readonly title: string;
  readonly endpoint: (outputs: StackOutputs) => Parameters<typeof connectionTo>[1];
  readonly aim: number;
}

const ways: readonly Way[] = [
  {
    name: "haproxy",
    title: "the same through HAProxy (endpoint admin)",
    endpoint: () => "admin",
    aim: 0.63,
  },
  {
    name: "pooled",
    title: "the same through PgBouncer and HAProxy (ro)",
    endpoint: () => "ro",
    aim: 0.5,
  },
  {
    // What any client could gain at most: it chooses nothing and survives nothing.
    name: "direct",
    title: "the same by a plain pool of pg from one instance",
    endpoint: ({ instances }) => ({ instance: instances.at(-1)?.name ?? "" }),
    aim: 1.1,
  },
];

/** What a read costs that goes straight to a replica, beside the ways through a proxy. */
export const benchmarks: readonly Benchmark[] = [1, 8].flatMap((clients) =>
  ways.map((way) => readBenchmark(clients, way)),
);

function readBenchmark(clients: number, { name, title, endpoint, aim }: Way): Benchmark {
  const reads = clients === 1 ? 15_000 : 40_000;
  return {
    name: `read-${clients}-${name}`,
    title: `${reads} reads of a row by its key by ${clients} client${clients === 1 ? "" : "s"} of lib/client`,
    peer: title,
    aim,
    prepare: async () => {
      const stack = await benchStack();
      await stack.up();
      const outputs = await readOutputs(stack.name);
      await fill(outputs);
      const client = new ClusterClient({ ...clusterOptions(outputs), maxConnections: clients });
      const pool = steadyPool({
        ...clientConfig(connectionTo(outputs, endpoint(outputs), "app"), "ecosphere-bench"),
        max: clients,
      });
      const seconds = { ours: 0, peer: 0 };
      const measured = async (whose: keyof typeof seconds, read: Read): Promise<number> => {
        // The first connections are made outside the time, and the statement prepared on each.
        await readAll(read, clients, reads / 10);
        return (seconds[whose] = await time(() => readAll(read, clients, reads)));
      };
      return {
        ours: () => measured("ours", (query) => client.read(query)),
        peer: () => measured("peer", (query) => pool.query(query)),
        remark: () => {
          const rate = (of: number): string => (of > 0 ? (reads / of).toFixed(0) : "?");
          return `last round: ${rate(seconds.ours)} reads a second, ${rate(seconds.peer)} by the peer; ${JSON.stringify(client.counts())}`;
        },
        [Symbol.asyncDispose]: async () => {
          await Promise.all([client.close(), pool.end()]);
          await stack.destroy();
        },
      };
    },
  };
}

type Read = (query: {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}) => Promise<unknown>;

async function readAll(read: Read, clients: number, reads: number): Promise<void> {
  let left = reads;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      await read({
        name: "category",
        text: "SELECT category_name FROM categories WHERE category_id = $1",
        values: [1 + (left % rows)],
      });
    }
  };
  await Promise.all(Array.from({ length: clients }, work));
}

async function fill(outputs: StackOutputs): Promise<void> {
  await withClient(connectionTo(outputs, "rw", "seeder"), "ecosphere-bench", (client) =>
    client.query(
      `INSERT INTO categories (category_id, category_name) OVERRIDING SYSTEM VALUE
         SELECT id, 'category ' || id FROM generate_series(1, $1::int) AS id`,
      [rows],
    ),
  );
}
