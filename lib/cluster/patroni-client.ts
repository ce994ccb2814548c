import { z } from "zod";
import { patroniPort } from "../cluster-config/topology.ts";
import { messageOf, UserError } from "../errors.ts";
import type { ContainerSession } from "./container-session.ts";
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

const instanceState = z.object({
  /** `running`, `stopped`, `starting`, …: of its PostgreSQL. */
  state: z.string(),
  /** `primary` or `replica`. */
  role: z.string(),
  /** Of a replica: `streaming` when it follows. */
  replication_state: z.string().optional(),
  /** Of a primary: who follows it. */
  replication: z
    .array(z.object({ application_name: z.string(), state: z.string(), sync_state: z.string() }))
    .optional(),
  /** A parameter has changed that takes effect at the next start alone. */
  pending_restart: z.boolean().optional(),
  /** When it last had word from etcd: seconds since 1970. */
  dcs_last_seen: z.number().optional(),
});

/** What an instance's Patroni says of it. */
export type InstanceState = z.infer<typeof instanceState>;

/** What the settings of a cluster are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const json: z.ZodType<Json> = z.json();

// The images hold no HTTP client, but one for TLS, which shows the instance's own certificate.
const request = `
  printf '%s %s HTTP/1.0\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n%s' \\
    "$2" "$3" "\${#4}" "$4" | tls-client localhost "$1"`;

const askSeconds = 5;
/** A switchover or a restart is answered when it is done. */
const workSeconds = 90;

/** Patroni's REST interface, asked from inside an instance's container: it is published nowhere. */
export class PatroniClient {
  readonly #containers: StackContainers;

  constructor(containers: StackContainers) {
    this.#containers = containers;
  }

  /** The members as one instance sees them. @throws UserError `no-instance` when no instance tells */
  async members(): Promise<readonly Member[]> {
    return cluster.parse(await this.#askAny("/cluster")).members;
  }

  /** The settings that all instances share. @throws UserError `no-instance` when no instance tells */
  async settings(): Promise<Json> {
    return this.#askAny("/config");
  }

  /** What each running instance says of itself; undefined of one that says nothing. */
  async states(): Promise<ReadonlyMap<string, InstanceState | undefined>> {
    const names = this.#containers.parts("pg");
    const states = await Promise.all(names.map((name) => this.state(name).catch(() => undefined)));
    return new Map(names.map((name, at) => [name, states[at]]));
  }

  async state(instance: string): Promise<InstanceState> {
    // Its status tells whether it is well, and the body more.
    return instanceState.parse(JSON.parse((await this.#ask(instance, "GET", "/patroni")).body));
  }

  /** Merges `patch` into the settings, as RFC 7386 has it: null removes. @throws UserError `settings-refused` */
  async patchSettings(patch: Json): Promise<void> {
    const reasons: string[] = [];
    for (const instance of this.#containers.parts("pg")) {
      const { status, body } = await this.#try(instance, "PATCH", "/config", JSON.stringify(patch));
      if (status === 200) return;
      reasons.push(`${instance}: ${body.trim() || `status ${status}`}`);
    }
    throw new UserError(
      "settings-refused",
      `no instance takes the cluster's settings: ${reasons.join("; ") || "none runs"}`,
      "./ecosphere status shows how the instances are.",
    );
  }

  /** Restarts PostgreSQL of one instance; returns when it runs again. @throws UserError `restart-failed` */
  async restart(instance: string): Promise<void> {
    const { status, body } = await this.#ask(instance, "POST", "/restart", "{}", workSeconds);
    if (status === 200) return;
    throw new UserError(
      "restart-failed",
      `PostgreSQL of ${instance} was not restarted: ${body.trim() || `status ${status}`}`,
      `./ecosphere logs ${instance} shows why.`,
    );
  }

  /** Makes a switchover ready in the leader's container; nothing is asked of Patroni yet. */
  async prepareSwitchover(leader: string, candidate: string): Promise<PreparedSwitchover> {
    const values = [String(patroniPort), "POST", "/switchover", JSON.stringify({ leader, candidate })];
    const script = `read -r word && ${request}`;
    const command = ["timeout", String(workSeconds), "bash", "-c", script, "bash", ...values];
    return new PreparedSwitchover(await this.#containers.open(leader, command), candidate);
  }

  async #askAny(path: string): Promise<Json> {
    const reasons: string[] = [];
    for (const instance of this.#containers.parts("pg")) {
      const { status, body } = await this.#try(instance, "GET", path);
      if (status === 200) return json.parse(JSON.parse(body));
      reasons.push(`${instance}: ${body.trim() || `status ${status}`}`);
    }
    throw new UserError(
      "no-instance",
      `no instance answers for the cluster: ${reasons.join("; ") || "none runs"}`,
      "See ./ecosphere status.",
    );
  }

  /** A container that is paused, or has just gone, is an answer like any other. */
  async #try(
    instance: string,
    method: "GET" | "PATCH",
    path: string,
    body = "",
  ): Promise<{ readonly status: number; readonly body: string }> {
    return this.#ask(instance, method, path, body).catch((error: unknown) => ({
      status: 0,
      body: messageOf(error),
    }));
  }

  async #ask(
    instance: string,
    method: "GET" | "PATCH" | "POST",
    path: string,
    body = "",
    seconds = askSeconds,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const values = [String(patroniPort), method, path, body];
    const command = ["timeout", String(seconds), "bash", "-c", request, "bash", ...values];
    const { stdout } = await this.#containers.run(instance, command);
    return answerOf(stdout);
  }
}

/** A switchover that begins at a word. Disposed of before, it never does. */
export class PreparedSwitchover implements AsyncDisposable {
  readonly #session: ContainerSession;
  readonly #candidate: string;

  constructor(session: ContainerSession, candidate: string) {
    this.#session = session;
    this.#candidate = candidate;
  }

  /** Returns some time after the candidate is the primary. @throws UserError `switchover-failed` with Patroni's reason */
  async begin(): Promise<void> {
    this.#session.tell("begin");
    let text = "";
    for (let line = await this.#session.hear(); line !== undefined; line = await this.#session.hear()) {
      text += `${line}\r\n`;
    }
    const { status, body } = answerOf(text);
    if (status === 200) return;
    throw new UserError(
      "switchover-failed",
      `Patroni has not made ${this.#candidate} the primary: ${body.trim() || `status ${status}`}`,
      "./ecosphere status shows who is primary now; ./ecosphere logs pg shows why.",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.end();
  }
}

function answerOf(text: string): { readonly status: number; readonly body: string } {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0), body: rest.join("\r\n\r\n") };
}
