import { randomBytes } from "node:crypto";
import { clientConfig } from "../../lib/connection.ts";
import { steadyPool } from "../../lib/connection-pool.ts";
import { messageOf } from "../../lib/errors.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";

/** What clients have seen. */
export interface LoadResult {
  readonly acknowledged: number;
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  readonly readings: number;
  readonly errors: readonly string[];
  /** The longest that one statement took. */
  readonly longestMs: { readonly rw: number; readonly ro: number };
}

/** Writes rows through `rw` and reads through `ro`, as applications with a pool do, until it is told to stop. */
export class Load {
  readonly #name = `load-${randomBytes(4).toString("hex")}`;
  readonly #rw;
  readonly #ro;
  readonly #acknowledged: string[] = [];
  readonly #errors: string[] = [];
  readonly #longestMs = { rw: 0, ro: 0 };
  readonly #clients: Promise<void>[];
  #readings = 0;
  #isOver = false;

  constructor(stack: StackOutputs) {
    this.#rw = steadyPool({ ...clientConfig(connectionTo(stack, "rw", "app"), "load", 60_000), max: 3 });
    this.#ro = steadyPool({
      ...clientConfig(connectionTo(stack, "ro", "reporting"), "load", 60_000),
      max: 2,
    });
    this.#clients = [
      ...[1, 2, 3].map((writer) =>
        this.#repeat("rw", (turn) => this.#write(`${this.#name} ${writer} ${turn}`)),
      ),
      ...[1, 2].map(() => this.#repeat("ro", () => this.#read())),
    ];
  }

  /** Stops, compares what is there with what was acknowledged, and removes it. */
  async end(): Promise<LoadResult> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    const sql = "DELETE FROM categories WHERE category_name LIKE $1 RETURNING category_name AS name";
    const { rows } = await this.#rw.query<{ name: string }>(sql, [`${this.#name} %`]);
    const found = new Set(rows.map(({ name }) => name));
    await Promise.all([this.#rw.end(), this.#ro.end()]);
    return {
      acknowledged: this.#acknowledged.length,
      lost: this.#acknowledged.filter((name) => !found.has(name)),
      readings: this.#readings,
      errors: this.#errors,
      longestMs: this.#longestMs,
    };
  }

  async #write(name: string): Promise<void> {
    await this.#rw.query("INSERT INTO categories (category_name) VALUES ($1)", [name]);
    this.#acknowledged.push(name);
  }

  async #read(): Promise<void> {
    await this.#ro.query("SELECT count(*) FROM users");
    this.#readings += 1;
  }

  async #repeat(endpoint: "rw" | "ro", work: (turn: number) => Promise<void>): Promise<void> {
    for (let turn = 0; !this.#isOver; turn += 1) {
      const begin = performance.now();
      try {
        await work(turn);
      } catch (error) {
        this.#errors.push(`${new Date().toISOString()} ${endpoint}: ${messageOf(error)}`);
      }
      this.#longestMs[endpoint] = Math.max(this.#longestMs[endpoint], performance.now() - begin);
      // A busy client, and not the whole of a small host.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
