import { poolerRole, proxyPorts } from "../cluster-config/topology.ts";
import { UserError } from "../errors.ts";
import type { StackContainers } from "./stack-containers.ts";

/** The poolers of the endpoint rw, one a proxy. */
export class Poolers {
  readonly #containers: StackContainers;
  readonly #proxies: readonly string[];

  constructor(containers: StackContainers) {
    this.#containers = containers;
    this.#proxies = containers.parts("proxy");
  }

  /**
   * Holds new transactions back, once those in progress have ended; no client is told anything. They go on by
   * themselves after `forSeconds`, should nobody call `resume`.
   * @throws UserError `busy` when transactions go on for longer than `withinSeconds`
   */
  async pause(withinSeconds: number, forSeconds: number): Promise<void> {
    const command = `
      (sleep "$2"; psql -X -q -h /tmp -p "$3" -U "$4" -c RESUME pgbouncer) >/dev/null 2>&1 </dev/null &
      timeout "$1" psql -X -q -h /tmp -p "$3" -U "$4" -c PAUSE pgbouncer`;
    const paused = await this.#each(command, String(withinSeconds), String(forSeconds));
    const failed = paused.find(({ code }) => code !== 0);
    if (!failed) return;
    await this.resume();
    const isLate = failed.code === 124;
    throw new UserError(
      isLate ? "busy" : "pooler",
      isLate
        ? `transactions have been going on for more than ${withinSeconds} s; nothing was changed`
        : `PgBouncer of ${failed.proxy} does not pause: ${failed.stderr.trim()}`,
      isLate ? "See them in pg_stat_activity, end them or wait, and try again; or raise --wait." : undefined,
    );
  }

  /** Lets transactions through again; does no harm when they are not held back. */
  async resume(): Promise<void> {
    await this.#each(`psql -X -q -h /tmp -p "$3" -U "$4" -c RESUME pgbouncer 2>/dev/null || true`, "", "");
  }

  #each(
    script: string,
    first: string,
    second: string,
  ): Promise<{ proxy: string; code: number; stderr: string }[]> {
    const values = [first, second, String(proxyPorts.rw), poolerRole];
    return Promise.all(
      this.#proxies.map(async (proxy) => ({
        proxy,
        ...(await this.#containers.run(proxy, ["bash", "-c", script, "bash", ...values])),
      })),
    );
  }
}
