import { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import { z } from "zod";
import { kindOf } from "../cluster-config/networks.ts";
import { connectDocker } from "../docker.ts";
import { UserError } from "../errors.ts";
import { ContainerSession } from "./container-session.ts";

/** What Docker tells of a file in a container, as far as it is needed. */
const statHeader = "x-docker-container-path-stat";
const pathStat = z.object({ mtime: z.string() });

/** What a command in a container has printed, and how it ended. */
export interface Executed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A container of a stack, whether it runs or not. */
export interface StackContainer {
  readonly id: string;
  /** As Docker says: `running`, `restarting`, `exited`, `paused`, … */
  readonly state: string;
  /** What it was made from: see `specLabel`. Empty when it has none. */
  readonly spec: string;
}

/** The label that tells what a container was made from; a container with another one is to be replaced. */
export const specLabel = "ecosphere.spec";

/** The containers of a stack by part, as they were when they were listed. */
export class StackContainers {
  readonly stack: string;
  readonly #docker: Docker;
  readonly #byPart: ReadonlyMap<string, StackContainer>;

  private constructor(docker: Docker, byPart: ReadonlyMap<string, StackContainer>, stack: string) {
    this.#docker = docker;
    this.#byPart = byPart;
    this.stack = stack;
  }

  static async of(stack: string): Promise<StackContainers> {
    const docker = await connectDocker();
    const filters = JSON.stringify({ label: [`ecosphere.stack=${stack}`] });
    const containers = await docker.listContainers({ all: true, filters });
    const byPart = containers.map(({ Id: id, Labels: labels, State: state }) => {
      return [labels["ecosphere.part"] ?? "", { id, state, spec: labels[specLabel] ?? "" }] as const;
    });
    return new StackContainers(docker, new Map(byPart), stack);
  }

  /** The running parts of a kind: `pg`, `etcd`, `proxy`; sorted. */
  parts(kind: string): readonly string[] {
    return [...this.#byPart]
      .filter(([part, { state }]) => kindOf(part) === kind && state === "running")
      .map(([part]) => part)
      .sort();
  }

  /** The container of a part; undefined when there is none. */
  find(part: string): StackContainer | undefined {
    return this.#byPart.get(part);
  }

  /**
   * Runs a command in a part's container, as the part's own user. Arguments show in the process list: a secret goes
   * by the command's input.
   * @throws UserError `not-running` when the part has no running container
   */
  async run(part: string, command: readonly string[], input?: string): Promise<Executed> {
    const stdin = input !== undefined;
    const exec = await this.#docker
      .getContainer(this.#running(part))
      .exec({ Cmd: [...command], AttachStdin: stdin, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({ hijack: true, stdin });
    if (stdin) stream.end(input);
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const printed = Promise.all([textOf(stdout), textOf(stderr)]);
    this.#docker.modem.demuxStream(stream, stdout, stderr);
    await new Promise<void>((resolve, reject) => {
      stream.once("end", resolve).once("error", reject);
    });
    stdout.end();
    stderr.end();
    const [out, error] = await printed;
    return { code: (await exec.inspect()).ExitCode ?? 1, stdout: out, stderr: error };
  }

  /** Starts a command to be spoken with. @throws UserError `not-running` */
  async open(part: string, command: readonly string[]): Promise<ContainerSession> {
    return ContainerSession.open(this.#docker, this.#running(part), command);
  }

  /** Whether a file in a part's container was written after the part was started. @throws UserError `not-running` */
  async isOlderThan(part: string, path: string): Promise<boolean> {
    const container = this.#docker.getContainer(this.#running(part));
    const { State: state } = await container.inspect();
    const answer = z.instanceof(IncomingMessage).parse(await container.infoArchive({ path }));
    // Unread, it would hold its connection, and so this process, for minutes.
    answer.resume();
    const stat = Buffer.from(String(answer.headers[statHeader]), "base64").toString("utf8");
    return Date.parse(pathStat.parse(JSON.parse(stat)).mtime) > Date.parse(state.StartedAt);
  }

  /** Stops a part's container as `docker stop` does. */
  async stop(part: string, seconds: number): Promise<void> {
    await this.#docker.getContainer(this.#running(part)).stop({ t: seconds });
  }

  /** Restarts a part's container as `docker restart` does. */
  async restart(part: string, seconds: number): Promise<void> {
    await this.#docker.getContainer(this.#running(part)).restart({ t: seconds });
  }

  #running(part: string): string {
    const container = this.#byPart.get(part);
    if (container?.state === "running") return container.id;
    const option = this.stack === "dev" ? "" : ` --stack ${this.stack}`;
    const reason = container ? `is ${container.state}` : "does not exist";
    throw new UserError("not-running", `the container of ${part} ${reason}`, `Run ./ecosphere up${option}.`);
  }
}

async function textOf(stream: PassThrough): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
