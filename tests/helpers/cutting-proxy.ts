import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** What counts: everything that changes something, and the end of each transaction. */
const counted =
  /^\s*(ALTER|CREATE|DROP|COMMENT|INSERT|UPDATE|DELETE|LOCK|COMMIT|WITH\b[^]*\b(INSERT|UPDATE|DELETE))\b/i;

/** What a session makes for itself and rolls back, to hear the server's words. */
const temporary = /\bpg_temp\b|\bTEMPORARY\b/i;

/**
 * Stands between a client and PostgreSQL, counts the statements that change something, and cuts the connection when
 * the server has done one of them and before the client hears of it.
 */
export class CuttingProxy implements AsyncDisposable {
  /** The statements that were done since the last `arm`. */
  readonly done: string[] = [];
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #cutAfter = Infinity;

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#server = createServer((client) => {
      this.#serve(client);
    });
  }

  /** @returns the port */
  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address: AddressInfo | string | null = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("the proxy listens nowhere");
    return address.port;
  }

  /** Counts from the start. @param cutAfter the statement after which the connection is cut, from 1 on; once */
  arm(cutAfter = Infinity): void {
    this.done.length = 0;
    this.#cutAfter = cutAfter;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(client: Socket): void {
    const server = connect(this.#target.port, this.#target.host);
    let isCut = false;
    const cut = (): void => {
      isCut = true;
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", cut).on("close", () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
    let running: string | undefined;
    const fromClient = new Messages(true, (type, body) => {
      const text = textOf(type, body);
      if (text !== undefined) running = counted.test(text) && !temporary.test(text) ? text : undefined;
    });
    const fromServer = new Messages(false, (type) => {
      // Ready for the next: what ran is done, or has failed.
      if (type === "E") running = undefined;
      if (type !== "Z" || running === undefined) return;
      this.done.push(running);
      running = undefined;
      if (this.done.length === this.#cutAfter) cut();
    });
    client.on("data", (data: Buffer) => {
      fromClient.read(data);
      server.write(data);
    });
    server.on("data", (data: Buffer) => {
      fromServer.read(data);
      if (!isCut) client.write(data);
    });
  }
}

/** The SQL of a Query or Parse message. */
function textOf(type: string, body: Buffer): string | undefined {
  const until = (from: number): number => body.indexOf(0, from);
  if (type === "Q") return body.toString("utf8", 0, until(0));
  if (type !== "P") return undefined;
  const start = until(0) + 1;
  return body.toString("utf8", start, until(start));
}

/** Cuts a stream of the protocol into messages. A client's first one has no type. */
class Messages {
  readonly #onMessage: (type: string, body: Buffer) => void;
  #hasType: boolean;
  #rest: Buffer = Buffer.alloc(0);

  constructor(isClient: boolean, onMessage: (type: string, body: Buffer) => void) {
    this.#hasType = !isClient;
    this.#onMessage = onMessage;
  }

  read(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data]);
    for (;;) {
      const head = this.#hasType ? 1 : 0;
      if (this.#rest.length < head + 4) return;
      const end = head + this.#rest.readUInt32BE(head);
      if (this.#rest.length < end) return;
      const type = this.#hasType ? this.#rest.toString("latin1", 0, 1) : "";
      const body = this.#rest.subarray(head + 4, end);
      this.#rest = this.#rest.subarray(end);
      this.#hasType = true;
      this.#onMessage(type, body);
    }
  }
}
