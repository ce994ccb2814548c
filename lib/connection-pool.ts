import { Pool, type PoolConfig } from "pg";

/**
 * A pool whose connections may be lost without ending the process: an idle one that the server closes is
 * replaced, and one that is lent makes the query fail that is under way, or the next. (A pool listens to its
 * idle connections alone; an error that nobody listens to ends a Node process.)
 */
export function steadyPool(config: PoolConfig): Pool {
  const pool = new Pool(config);
  pool.on("error", () => undefined);
  pool.on("connect", (client) => {
    client.on("error", () => undefined);
  });
  return pool;
}
