import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { superuserPsql } from "../../../lib/cluster/superuser-session.ts";
import { pause } from "../clock.ts";
import { insertText } from "../drill-schema.ts";
import { acknowledge, type Attempt, type Journal } from "../journal.ts";
import type { Parts } from "../parts.ts";
import { deadlineMs } from "./deadline-client.ts";

/**
 * A session in an instance's own container, over its local socket, which keeps trying to commit: what an instance
 * that nobody else reaches can still be told by somebody who is with it. A commit that is not answered holds its
 * session; then another is opened, up to `atMost`.
 */
export class HeldSession implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #part: string;
  readonly #database: string;
  readonly #journal: Journal;
  readonly #end = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(parts: Parts, part: string, database: string, journal: Journal) {
    this.#parts = parts;
    this.#part = part;
    this.#database = database;
    this.#journal = journal;
  }

  /** Returns when its first row is acknowledged. */
  async open(): Promise<void> {
    const first = new Promise<void>((resolve) => {
      this.#work = this.#keepTrying(resolve);
    });
    await Promise.race([first, this.#work]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#work;
  }

  async #keepTrying(committed: () => void): Promise<void> {
    const atMost = 5;
    for (let opened = 0; opened < atMost && !this.#end.signal.aborted; opened++) {
      try {
        await this.#session(committed);
      } catch {
        // The container is dead or frozen: Docker refuses.
      }
      await pause(500, this.#end.signal);
    }
  }

  /** One session of psql, until it ends or a commit is not answered. */
  async #session(committed: () => void): Promise<void> {
    const Cmd = [...superuserPsql, "-A", "-t", this.#database];
    const exec = await this.#parts.container(this.#part).exec({
      ...{ Cmd, AttachStdin: true, AttachStdout: true, AttachStderr: true },
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    const output = new PassThrough();
    this.#parts.docker.modem.demuxStream(stream, output, output);
    const ended = new AbortController();
    stream.once("close", () => {
      ended.abort();
      output.end();
    });
    stream.on("error", () => undefined);
    let asked: { readonly attempt: Attempt; readonly answered: () => void } | undefined;
    createInterface({ input: output }).on("line", (line) => {
      const [, id, timeline] = /^(\d+) (\d+)$/.exec(line) ?? [];
      if (asked && Number(id) === asked.attempt.id) {
        acknowledge(asked.attempt, Number(timeline));
        committed();
        asked.answered();
      } else if (asked && /read-only transaction/.test(line)) {
        asked.attempt.outcome = "refused";
        asked.answered();
      }
    });
    try {
      while (!this.#end.signal.aborted && !ended.signal.aborted) {
        const attempt = this.#journal.send(`${this.#part} inside`, this.#part);
        const answer = new AbortController();
        asked = {
          attempt,
          answered: () => {
            answer.abort();
          },
        };
        stream.write(`${insertText(attempt.id, `${this.#part} inside`)}\n`);
        await pause(deadlineMs, AbortSignal.any([answer.signal, ended.signal, this.#end.signal]));
        if (!answer.signal.aborted) return;
        await pause(50, this.#end.signal);
      }
    } finally {
      // No signal to psql: its commit may be answered late, as it would be to any client. It ends with its input.
      stream.end();
    }
  }
}
