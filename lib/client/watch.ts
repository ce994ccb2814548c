import { Client, type ClientConfig } from "pg";
import { askState, type InstanceState } from "./instance-state.ts";
import { afterSilence } from "./silence.ts";

/** How many answers the least round trip is taken from. */
const remembered = 8;

/**
 * One connection to an instance that does nothing but ask it what it is. So the round trip is that of the way and not of
 * a queue, and the end of the connection tells at once that something has happened.
 */
export class Watch {
  readonly #config: ClientConfig;
  readonly #silentAfterMs: number;
  readonly #lost: (error: Error) => void;
  #client: Client | undefined;
  #asking: Promise<InstanceState> | undefined;
  #roundTripsMs: number[] = [];
  #isClosed = false;

  /**
   * @param silentAfterMs how long an answer may take
   * @param lost called when the connection ends by itself
   */
  constructor(config: ClientConfig, silentAfterMs: number, lost: (error: Error) => void) {
    this.#config = config;
    this.#silentAfterMs = silentAfterMs;
    this.#lost = lost;
  }

  get roundTripMs(): number {
    return Math.min(...this.#roundTripsMs);
  }

  /** What the instance says; one question at a time, and whoever comes in between shares its answer. */
  ask(): Promise<InstanceState> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #drop(): void {
    this.#client?.connection.stream.destroy();
    this.#client = undefined;
  }

  async #ask(): Promise<InstanceState> {
    const client = (this.#client ??= await this.#connect());
    const begin = performance.now();
    const callOff = afterSilence(this.#silentAfterMs, () => {
      client.connection.stream.destroy(new Error(`no answer for ${this.#silentAfterMs} ms`));
    });
    try {
      const state = await askState(client);
      this.#roundTripsMs = [performance.now() - begin, ...this.#roundTripsMs].slice(0, remembered);
      return state;
    } catch (error) {
      this.#drop();
      throw error;
    } finally {
      callOff();
    }
  }

  async #connect(): Promise<Client> {
    const client = new Client(this.#config);
    client.on("error", (error) => {
      if (this.#client !== client) return;
      this.#drop();
      this.#lost(error);
    });
    try {
      await client.connect();
      if (this.#isClosed) throw new Error("the client was closed");
    } catch (error) {
      client.connection.stream.destroy();
      throw error;
    }
    return client;
  }
}
