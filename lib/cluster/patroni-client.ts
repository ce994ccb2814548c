import { z } from "zod";
import { patroniPort } from "../cluster-config/topology.ts";
import { UserError } from "../errors.ts";
import type { StackContainers } from "./stack-containers.ts";

const member = z.object({
  name: z.string(),
  /** `leader`, `quorum_standby`, `sync_standby`, `replica`. */
  role: z.string(),
  /** `running` of a primary, `streaming` of a replica that follows. */
  state: z.string(),
  timeline: z.number().optional(),
  /** Bytes behind, or `unknown`. */
  lag: z.union([z.number(), z.string()]).optional(),
});
const cluster = z.object({ members: z.array(member) });

export type Member = z.infer<typeof member>;

// Bash speaks TCP by itself; the images hold no HTTP client.
const request = `
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf '%s %s HTTP/1.0\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n%s' \\
    "$2" "$3" "\${#4}" "$4" >&3
  cat <&3`;

/** Patroni's REST interface, asked from inside an instance's container: it is published nowhere. */
export class PatroniClient {
  readonly #containers: StackContainers;

  constructor(containers: StackContainers) {
    this.#containers = containers;
  }

  /** The members as one instance sees them. @throws UserError `no-instance` when no instance tells */
  async members(): Promise<readonly Member[]> {
    for (const instance of this.#containers.parts("pg")) {
      const { status, body } = await this.#ask(instance, "GET", "/cluster", "");
      if (status === 200) return cluster.parse(JSON.parse(body)).members;
    }
    throw new UserError(
      "no-instance",
      "no instance tells who the members of the cluster are",
      "See ./ecosphere status.",
    );
  }

  /** Returns when the candidate is the primary. @throws UserError `switchover-failed` with Patroni's reason */
  async switchover(leader: string, candidate: string): Promise<void> {
    const wanted = JSON.stringify({ leader, candidate });
    const { status, body } = await this.#ask(leader, "POST", "/switchover", wanted);
    if (status !== 200) {
      throw new UserError(
        "switchover-failed",
        `Patroni has not made ${candidate} the primary: ${body.trim() || `status ${status}`}`,
        "./ecosphere status shows who is primary now; ./ecosphere logs pg shows why.",
      );
    }
  }

  async #ask(
    instance: string,
    method: "GET" | "POST",
    path: string,
    body: string,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const command = ["bash", "-c", request, "bash", String(patroniPort), method, path, body];
    const { stdout } = await this.#containers.run(instance, command);
    const [head = "", ...rest] = stdout.split("\r\n\r\n");
    return { status: Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0), body: rest.join("\r\n\r\n") };
  }
}
