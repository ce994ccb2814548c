import { once } from "node:events";
import { PassThrough, type Duplex } from "node:stream";
import { createInterface } from "node:readline";
import type Docker from "dockerode";
import { UserError } from "../errors.ts";

/**
 * A command in a container that is spoken with, line by line. When this process dies, the command's input ends:
 * it has to leave everything well then.
 */
export class ContainerSession {
  readonly #stream: Duplex;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;

  private constructor(stream: Duplex, lines: AsyncIterator<string>) {
    this.#stream = stream;
    this.#lines = lines;
    this.#ended = Promise.race([once(stream, "end"), once(stream, "close")]).catch(() => undefined);
  }

  static async open(
    docker: Docker,
    container: string,
    command: readonly string[],
  ): Promise<ContainerSession> {
    const exec = await docker.getContainer(container).exec({
      ...{ Cmd: [...command], AttachStdin: true, AttachStdout: true, AttachStderr: true },
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    // What it says of a fault stands where an answer is waited for.
    const output = new PassThrough();
    docker.modem.demuxStream(stream, output, output);
    stream.once("end", () => output.end()).once("error", () => output.end());
    return new ContainerSession(stream, createInterface({ input: output })[Symbol.asyncIterator]());
  }

  tell(line: string): void {
    this.#stream.write(`${line}\n`);
  }

  /** The next line that it prints; undefined when it has ended. */
  async hear(): Promise<string | undefined> {
    const next = await this.#lines.next();
    return next.done === true ? undefined : next.value;
  }

  /** @throws UserError `session` with what it has printed instead */
  async expect(wanted: string): Promise<void> {
    const heard = await this.hear();
    if (heard !== wanted) throw new UserError("session", heard ?? "it ended without a word");
  }

  /** Ends its input, and returns when it has ended itself. */
  async end(): Promise<void> {
    this.#stream.end();
    await this.#ended;
  }
}
