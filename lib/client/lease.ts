import type { Pool, PoolClient } from "pg";
import { Unavailable } from "./faults.ts";

/** A connection of a pool, lent for one piece of work that has an end in time. */
export class Lease {
  readonly client: PoolClient;
  readonly #givenUp = Promise.withResolvers<never>();
  readonly #timer: NodeJS.Timeout;
  #isSpoiled = false;

  private constructor(client: PoolClient, until: number) {
    this.client = client;
    // Not everybody waits for it.
    this.#givenUp.promise.catch(() => undefined);
    this.#timer = setTimeout(() => {
      this.giveUp("no answer came in time");
    }, until - performance.now());
  }

  /** @param until in milliseconds of `performance.now()` */
  static async from(pool: Pool, until: number): Promise<Lease> {
    const connecting = pool.connect();
    const isLate = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      isLate.reject(new Unavailable("lost", "no connection was free in time"));
      connecting.then(
        (client) => {
          client.release();
        },
        () => undefined,
      );
    }, until - performance.now());
    try {
      return new Lease(await Promise.race([connecting, isLate.promise]), until);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What `work` gives, unless the connection is given up first. */
  untilGivenUp<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#givenUp.promise]);
  }

  /** Ends the connection at once, without a word to a server that may never answer, and all that waits for it. */
  giveUp(why: string): void {
    this.spoil();
    this.#givenUp.reject(new Unavailable("lost", why));
    this.client.connection.stream.destroy();
  }

  /** The connection is not lent again. */
  spoil(): void {
    this.#isSpoiled = true;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.client.release(this.#isSpoiled);
  }
}
