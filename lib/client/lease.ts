import type { Pool, PoolClient } from "pg";
import { Unavailable } from "./faults.ts";
import { afterSilence } from "./silence.ts";

/** A connection of a pool, lent for one piece of work that has an end in time. */
export class Lease {
  readonly client: PoolClient;
  readonly #callOff: () => void;
  #givenUp: PromiseWithResolvers<never> | undefined;
  #isSpoiled = false;

  private constructor(client: PoolClient, until: number) {
    this.client = client;
    this.#callOff = afterSilence(until - performance.now(), () => {
      this.giveUp("no answer came in time");
    });
  }

  /** @param until in milliseconds of `performance.now()` */
  static async from(pool: Pool, until: number): Promise<Lease> {
    const connecting = pool.connect();
    const leftMs = until - performance.now();
    // The pool gives up by itself before.
    if (leftMs > (pool.options.connectionTimeoutMillis ?? Infinity))
      return new Lease(await connecting, until);
    const isLate = Promise.withResolvers<never>();
    const callOff = afterSilence(leftMs, () => {
      isLate.reject(new Unavailable("lost", "no connection was free in time"));
      connecting.then(
        (client) => {
          client.release();
        },
        () => undefined,
      );
    });
    try {
      return new Lease(await Promise.race([connecting, isLate.promise]), until);
    } finally {
      callOff();
    }
  }

  /** What `work` gives, unless the connection is given up first. A query needs no such care: it fails with its connection. */
  untilGivenUp<T>(work: Promise<T>): Promise<T> {
    this.#givenUp ??= Promise.withResolvers<never>();
    return Promise.race([work, this.#givenUp.promise]);
  }

  /** Ends the connection at once, without a word to a server that may never answer, and all that waits for it. */
  giveUp(why: string): void {
    const error = new Unavailable("lost", why);
    this.spoil();
    this.#givenUp?.reject(error);
    this.client.connection.stream.destroy(error);
  }

  /** The connection is not lent again. */
  spoil(): void {
    this.#isSpoiled = true;
  }

  end(): void {
    this.#callOff();
    this.client.release(this.#isSpoiled);
  }
}
