import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import { connectDocker } from "../docker.ts";
import { UserError } from "../errors.ts";

/** What a command in a container has printed, and how it ended. */
export interface Executed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The running containers of a stack, by part. */
export class StackContainers {
  readonly #docker: Docker;
  readonly #byPart: ReadonlyMap<string, string>;
  readonly #stack: string;

  private constructor(docker: Docker, byPart: ReadonlyMap<string, string>, stack: string) {
    this.#docker = docker;
    this.#byPart = byPart;
    this.#stack = stack;
  }

  static async of(stack: string): Promise<StackContainers> {
    const docker = await connectDocker();
    const filters = JSON.stringify({ label: [`ecosphere.stack=${stack}`] });
    const containers = await docker.listContainers({ filters });
    const byPart = containers.map(
      ({ Id: id, Labels: labels }) => [labels["ecosphere.part"] ?? "", id] as const,
    );
    return new StackContainers(docker, new Map(byPart), stack);
  }

  /** The running parts of a kind: `pg`, `etcd`, `proxy`; sorted. */
  parts(kind: string): readonly string[] {
    return [...this.#byPart.keys()].filter((part) => part.replace(/-\d+$/, "") === kind).sort();
  }

  /**
   * Runs a command in a part's container, as the part's own user. Arguments show in the process list: no secret
   * in them.
   * @throws UserError `not-running` when the part has no running container
   */
  async run(part: string, command: readonly string[]): Promise<Executed> {
    const id = this.#byPart.get(part);
    if (id === undefined) {
      const option = this.#stack === "dev" ? "" : ` --stack ${this.#stack}`;
      throw new UserError(
        "not-running",
        `the container of ${part} does not run`,
        `Run ./ecosphere up${option}.`,
      );
    }
    const exec = await this.#docker
      .getContainer(id)
      .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({ hijack: true, stdin: false });
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
}

async function textOf(stream: PassThrough): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
