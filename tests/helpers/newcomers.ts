import { setTimeout } from "node:timers/promises";
import { DatabaseError } from "pg";
import { withClient, type Connection } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";

/**
 * Clients that log in anew for each of their transactions, as functions in a cloud do. Of each login they hold the
 * password and, once they are told of it, the next one: with that they come when the other is refused.
 */
export class Newcomers {
  readonly #errors: string[] = [];
  readonly #clients: Promise<void>[];
  #passwords: Readonly<Record<"app" | "reporting", readonly string[]>> = { app: [], reporting: [] };
  #served = 0;
  #isOver = false;

  constructor(stack: StackOutputs) {
    this.tell(stack);
    const rw = connectionTo(stack, "rw", "app");
    const ro = connectionTo(stack, "ro", "reporting");
    this.#clients = [this.#repeat("app", rw), this.#repeat("reporting", ro)];
  }

  /** What a store of secrets does when a rotation is begun. */
  tell({ credentials: { app, reporting } }: StackOutputs): void {
    const held = [app, reporting].map(({ password, nextPassword }) => {
      return nextPassword === undefined ? [password] : [password, nextPassword];
    });
    this.#passwords = { app: held[0] ?? [], reporting: held[1] ?? [] };
  }

  async end(): Promise<{ readonly served: number; readonly errors: readonly string[] }> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    return { served: this.#served, errors: this.#errors };
  }

  async #repeat(login: "app" | "reporting", connection: Connection): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#visit(login, connection);
        this.#served += 1;
      } catch (error) {
        this.#errors.push(`${new Date().toISOString()} ${login}: ${messageOf(error)}`);
      }
      // Each log-in costs both sides some milliseconds of processor time; what is tested has to come along, too.
      await setTimeout(50);
    }
  }

  async #visit(login: "app" | "reporting", connection: Connection): Promise<void> {
    const [password = "", next] = this.#passwords[login];
    const visit = (by: string): Promise<unknown> =>
      withClient({ ...connection, password: by }, "newcomer", (client) =>
        client.query("SELECT count(*) FROM categories"),
      );
    try {
      await visit(password);
    } catch (error) {
      const isRefused = error instanceof DatabaseError && /authentication failed/.test(error.message);
      if (!isRefused || next === undefined) throw error;
      await visit(next);
    }
  }
}
