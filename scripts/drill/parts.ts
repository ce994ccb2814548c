import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import {
  attachmentsOf,
  kindOf,
  type Attachment,
  type NetworkName,
} from "../../lib/cluster-config/networks.ts";
import { connectDocker, isConflict, isNotFound } from "../../lib/docker.ts";
import { UserError } from "../../lib/errors.ts";

/** How a container is. */
export interface PartState {
  readonly isRunning: boolean;
  readonly isPaused: boolean;
  /** Whether it is in all of its networks. */
  readonly isConnected: boolean;
}

/** All containers of a stack by part, running or not, and what a fault does to them. */
export class Parts {
  readonly docker: Docker;
  readonly #ids: ReadonlyMap<string, string>;
  readonly #attachmentsOf: (part: string) => readonly Attachment[];

  /** @param attachments the networks of a part, and its names there */
  constructor(
    docker: Docker,
    ids: ReadonlyMap<string, string>,
    attachments: (part: string) => readonly Attachment[],
  ) {
    this.docker = docker;
    this.#ids = ids;
    this.#attachmentsOf = attachments;
  }

  static async of(stack: string): Promise<Parts> {
    const docker = await connectDocker();
    const filters = JSON.stringify({ label: [`ecosphere.stack=${stack}`] });
    const containers = await docker.listContainers({ all: true, filters });
    const ids = containers.map(({ Id: id, Labels: labels }) => [labels["ecosphere.part"] ?? "", id] as const);
    return new Parts(docker, new Map(ids), (part) => attachmentsOf(stack, part));
  }

  /** The parts of a kind (`pg`, `etcd`, `proxy`, `sentinel`), or all; sorted. */
  names(kind?: string): string[] {
    return [...this.#ids.keys()].filter((part) => kind === undefined || kindOf(part) === kind).sort();
  }

  partOf(containerId: string): string | undefined {
    return [...this.#ids].find(([, id]) => id === containerId)?.[0];
  }

  async kill(part: string): Promise<void> {
    await this.container(part).kill().catch(passOver(isConflict));
  }

  /** As `docker stop`: the part may end in peace. */
  async stop(part: string): Promise<void> {
    await this.container(part).stop().catch(passOver(isUnchanged));
  }

  /**
   * Killed, and not started by anybody: it was asked to stop first, with no time to. What is killed without that,
   * the sentinel starts at once.
   */
  async takeAway(part: string): Promise<void> {
    await this.container(part).stop({ t: 0 }).catch(passOver(isUnchanged));
  }

  async start(part: string): Promise<void> {
    await this.container(part).start().catch(passOver(isUnchanged));
  }

  async freeze(part: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.container(part).pause();
        return;
      } catch (error) {
        // On a busy host the kernel may not have stopped all of its processes when runc has waited long enough.
        if (attempt === 3 || !/unable to freeze/.test(String(error))) throw error;
      }
    }
  }

  async thaw(part: string): Promise<void> {
    await this.container(part).unpause().catch(passOver(isGoneOrOtherwise));
  }

  /** Takes the container off one of its networks, or off all of them; published ports go with the one that has them. */
  async cut(part: string, only?: NetworkName): Promise<void> {
    const { Networks: present } = (await this.container(part).inspect()).NetworkSettings;
    for (const { name, network } of this.#attachmentsOf(part)) {
      if (!(network in present) || (only !== undefined && name !== only)) continue;
      await this.docker.getNetwork(network).disconnect({ Container: this.#id(part), Force: true });
    }
  }

  /** Puts it back into the networks that it lacks, under the names that the others know. */
  async join(part: string): Promise<void> {
    const { Networks: present } = (await this.container(part).inspect()).NetworkSettings;
    for (const { network, aliases } of this.#attachmentsOf(part)) {
      if (network in present) continue;
      const options = { Container: this.#id(part), EndpointConfig: { Aliases: [...aliases] } };
      // Docker answers 403 when somebody else was first.
      await this.docker
        .getNetwork(network)
        .connect(options)
        .catch((error: unknown) => {
          if (!/already exists|already attached/.test(String(error))) throw error;
        });
    }
  }

  async state(part: string): Promise<PartState> {
    const { State: state, NetworkSettings: settings } = await this.container(part).inspect();
    return {
      isRunning: state.Running && !state.Restarting,
      isPaused: state.Paused,
      isConnected: this.#attachmentsOf(part).every(({ network }) => network in settings.Networks),
    };
  }

  /** What the part has written to its standard output since then, in milliseconds of the epoch. */
  async logSince(part: string, since: number): Promise<string> {
    const options = { stdout: true, stderr: true, since: since / 1000, follow: false } as const;
    const printed = await this.container(part).logs(options);
    // Each piece has a header of eight bytes, of which the last four are its length.
    const pieces: string[] = [];
    for (let at = 0; at + 8 <= printed.length;) {
      const length = printed.readUInt32BE(at + 4);
      pieces.push(printed.toString("utf8", at + 8, at + 8 + length));
      at += 8 + length;
    }
    return pieces.join("");
  }

  /** Runs a script in the container, as its own user. Arguments show in the process list: no secret in them. */
  async run(
    part: string,
    script: string,
    ...args: readonly string[]
  ): Promise<{ code: number; text: string }> {
    const Cmd = ["bash", "-c", script, "bash", ...args];
    const exec = await this.container(part).exec({ Cmd, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({ hijack: true, stdin: false });
    const output = new PassThrough();
    const text = (async (): Promise<string> => {
      let all = "";
      for await (const chunk of output) all += String(chunk);
      return all;
    })();
    this.docker.modem.demuxStream(stream, output, output);
    await new Promise<void>((resolve, reject) => {
      stream.once("end", resolve).once("close", resolve).once("error", reject);
    });
    output.end();
    return { text: await text, code: (await exec.inspect()).ExitCode ?? 1 };
  }

  /** A part's container. @throws UserError `no-part` */
  container(part: string): Docker.Container {
    return this.docker.getContainer(this.#id(part));
  }

  #id(part: string): string {
    const id = this.#ids.get(part);
    if (id !== undefined) return id;
    throw new UserError("no-part", `the stack has no container of ${part}`, "Run ./ecosphere up.");
  }
}

/** Docker answers 304 when a container is as wanted already. */
function isUnchanged(error: unknown): boolean {
  return error instanceof Error && "statusCode" in error && error.statusCode === 304;
}

function isGoneOrOtherwise(error: unknown): boolean {
  // Docker 20.10 answers 500 for one that is not paused.
  return isConflict(error) || isNotFound(error) || /is not paused/.test(String(error));
}

function passOver(isFine: (error: unknown) => boolean): (error: unknown) => void {
  return (error) => {
    if (!isFine(error)) throw error;
  };
}
