import type { Parts } from "./parts.ts";
import { z } from "zod";

/** Something that Docker did to a part's container. */
export interface ContainerEvent {
  /** Milliseconds of the epoch, by the clock of Docker's host. */
  readonly at: number;
  readonly part: string;
  readonly action: string;
}

const message = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).optional() }),
  timeNano: z.number(),
});

const watched = new Set(["die", "start", "pause", "unpause", "disconnect", "connect"]);

/** Follows what happens to a stack's containers, whoever does it. */
export class ContainerEvents implements AsyncDisposable {
  readonly seen: ContainerEvent[] = [];
  #stream: (NodeJS.ReadableStream & { destroy?: () => void }) | undefined;

  static async follow(parts: Parts): Promise<ContainerEvents> {
    const events = new ContainerEvents();
    const stream = await parts.docker.getEvents({ filters: { type: ["container", "network"] } });
    events.#stream = stream;
    let rest = "";
    stream.on("data", (chunk: unknown) => {
      const lines = `${rest}${String(chunk)}`.split("\n");
      rest = lines.pop() ?? "";
      for (const each of lines) events.#take(each, parts);
    });
    // Docker itself may be restarted; what happened meanwhile is asked of the containers.
    stream.on("error", () => undefined);
    return events;
  }

  /** The first event of a kind of a part that came after a time. */
  first(part: string, actions: readonly string[], after: number): ContainerEvent | undefined {
    return this.seen.find(
      (event) => event.part === part && event.at >= after && actions.includes(event.action),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#stream?.destroy?.();
    return Promise.resolve();
  }

  #take(text: string, parts: Parts): void {
    if (text.trim() === "") return;
    const parsed = message.safeParse(JSON.parse(text));
    if (!parsed.success || !watched.has(parsed.data.Action)) return;
    const { Action: action, Actor: actor, timeNano } = parsed.data;
    const part = parts.partOf(actor.Attributes?.["container"] ?? actor.ID);
    if (part !== undefined) this.seen.push({ at: timeNano / 1e6, part, action });
  }
}
