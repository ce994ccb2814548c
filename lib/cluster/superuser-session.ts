import type { ContainerSession } from "./container-session.ts";
import type { StackContainers } from "./stack-containers.ts";

/** psql as superuser, in an instance's container and over the local socket. Its options go behind, then the database. */
export const superuserPsql = ["psql", "-X", "-q", "-h", "/run/postgresql", "-U", "postgres"] as const;

/**
 * psql as superuser in an instance's container, over the local socket. What it is told comes by its input: no statement
 * is an argument, which the process list would show.
 */
export class SuperuserSession implements AsyncDisposable {
  readonly #session: ContainerSession;

  private constructor(session: ContainerSession) {
    this.#session = session;
  }

  /** @param seconds after which it ends, whatever it is waiting for */
  static async open(
    containers: StackContainers,
    instance: string,
    seconds: number,
  ): Promise<SuperuserSession> {
    // Terse: an error quotes no line of the statement, which may hold a verifier.
    const settings = ["-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse"];
    const psql = [...superuserPsql, "-A", "-t", ...settings];
    return new SuperuserSession(await containers.open(instance, ["timeout", String(seconds), ...psql]));
  }

  /** Runs statements, and returns the rows of all of them, a line each. @throws Error with what psql says */
  async run(...statements: readonly string[]): Promise<readonly string[]> {
    for (const statement of statements) this.#session.tell(`${statement};`);
    this.#session.tell("\\echo done");
    const heard: string[] = [];
    for (;;) {
      const line = await this.#session.hear();
      if (line === "done") return heard;
      if (line === undefined) throw new Error(heard.join("; ") || "psql ended without a word");
      heard.push(line);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.end();
  }
}
