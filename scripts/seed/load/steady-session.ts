import { Client } from "pg";
import { addressesOf, clientConfig, type Connection } from "../../../lib/connection.ts";
import { messageOf, UserError } from "../../../lib/errors.ts";
import { codeOf, isUnreachable } from "../../../lib/unreachable.ts";

/** A failover takes seconds; a whole cluster that is killed at once, some more. */
const patienceMs = 180_000;
const pauseMs = 250;

/** A session on the primary that is made again when it is lost, for work that can be done twice. */
export class SteadySession {
  readonly #connection: Connection;
  readonly #setup: string;
  readonly #waiting: (reason: string) => void;
  #client: Client | undefined;
  #way = 0;
  #isClosed = false;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param setup what each new session begins with
   * @param waiting told why the session cannot be had, each time that it was tried
   */
  constructor(connection: Connection, setup: string, waiting: (reason: string) => void) {
    this.#connection = connection;
    this.#setup = setup;
    this.#waiting = waiting;
  }

  /**
   * Runs `work`, and runs it again from its begin when the server goes away meanwhile: it has to find out by itself
   * what was committed. One after the other, in the order of the calls.
   * @throws UserError `unreachable` after three minutes without a server
   */
  use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#use(work));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    let end = Date.now() + patienceMs;
    for (;;) {
      try {
        const client = await this.#connect();
        end = Date.now() + patienceMs;
        return await work(client);
      } catch (error) {
        if (this.#isClosed || (!isUnreachable(error) && !isReplica(error))) throw error;
        await this.#leave();
        this.#way++;
        if (Date.now() >= end) {
          const waited = `no primary answered for ${patienceMs / 1000} s: ${messageOf(error)}`;
          throw new UserError(
            "unreachable",
            waited,
            "See ./ecosphere status; run the same command again to go on.",
          );
        }
        this.#waiting(messageOf(error));
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  /** For good: what is under way fails, and is not tried again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #connect(): Promise<Client> {
    if (this.#client) return this.#client;
    const ways = addressesOf(this.#connection);
    const address = ways[this.#way % ways.length];
    const client = new Client(clientConfig({ ...this.#connection, ...address }, "ecosphere-seed"));
    client.on("error", () => undefined);
    try {
      await client.connect();
      if (this.#setup !== "") await client.query(this.#setup);
      if (this.#isClosed) throw new Error("the session is closed");
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    return client;
  }
}

/** It was the primary a moment ago, or a proxy still takes it for one. */
function isReplica(error: unknown): boolean {
  return codeOf(error) === "25006";
}
