import type { ClientConfig, Pool, PoolClient } from "pg";
import { steadyPool } from "../../../lib/connection-pool.ts";

/**
 * A few connections and a queue for them without a time limit: a pool's own queue gives up after the connect
 * time-out, and whoever waits behind a long index build would be told that the server is gone.
 */
export class Lane {
  readonly #pool: Pool;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(config: ClientConfig, size: number) {
    this.#free = size;
    this.#pool = steadyPool({ ...config, max: size, idleTimeoutMillis: 1000, allowExitOnIdle: true });
  }

  /** Runs `work` when its turn comes; it takes connections by `connect` and releases them itself, one at a time. */
  async inTurn<T>(work: (connect: () => Promise<PoolClient>) => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work(() => this.#pool.connect());
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
