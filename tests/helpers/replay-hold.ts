import { Client } from "pg";
import { clientConfig } from "../../lib/connection.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import type { TestStack } from "./ecosphere.ts";
import { asSuperuser } from "./stack-probe.ts";

/**
 * Holds the replay of replicas up: a reader there is in the way of a change of its table, for half a minute at most.
 * (A replay that is paused is resumed by Patroni within a second.)
 */
export class ReplayHold implements AsyncDisposable {
  readonly #stack: TestStack;
  readonly #outputs: StackOutputs;
  readonly #primary: string;
  readonly #readers = new AsyncDisposableStack();

  private constructor(stack: TestStack, outputs: StackOutputs, primary: string) {
    this.#stack = stack;
    this.#outputs = outputs;
    this.#primary = primary;
  }

  static async prepare(stack: TestStack, outputs: StackOutputs, primary: string): Promise<ReplayHold> {
    const table = "CREATE TABLE IF NOT EXISTS e2e_hold (a int); GRANT SELECT ON e2e_hold TO PUBLIC";
    await asSuperuser(stack, primary, table);
    return new ReplayHold(stack, outputs, primary);
  }

  /** From the change of the table on, which is written when this returns. */
  async hold(replica: string): Promise<void> {
    const place = {
      ...connectionTo(this.#outputs, { instance: replica }, "admin"),
      database: "postgres",
    };
    const reader = new Client(clientConfig(place, "e2e"));
    reader.on("error", () => undefined);
    this.#readers.defer(() => reader.end());
    await reader.connect();
    await reader.query("BEGIN; SELECT * FROM e2e_hold");
    const column = `of_${replica.replace("-", "_")}`;
    await asSuperuser(this.#stack, this.#primary, `ALTER TABLE e2e_hold ADD COLUMN ${column} int`);
  }

  /** Lets the replay go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#readers.disposeAsync();
    await asSuperuser(this.#stack, this.#primary, "DROP TABLE IF EXISTS e2e_hold");
  }
}
