import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import type { Address } from "../../../lib/connection.ts";
import { sslRequest } from "./tls-probe.ts";

/** How many connections a flood makes; few enough for any machine, more than PostgreSQL takes. */
export const floodSize = 300;

/** The first message of PostgreSQL's protocol, for a login that never goes on. */
const startup = Buffer.concat([
  Buffer.from([0, 3, 0, 0]),
  Buffer.from("user\0app\0database\0e-commerce\0\0"),
]);
const halfLogin = Buffer.concat([lengthOf(startup), startup]);

export const floods: Readonly<Record<string, { readonly sends: Buffer; readonly why: string }>> = {
  "connections that say nothing": {
    sends: Buffer.alloc(0),
    why: "who does not log in takes a socket of the proxy and no session",
  },
  "connections that begin a login and never end it (slow-loris)": {
    sends: halfLogin,
    why: "admin passes on a hundred connections at most, and a login takes ten seconds at most",
  },
  "connections that ask for TLS and never shake hands": {
    sends: sslRequest,
    why: "admin passes on a hundred connections at most, and a login with its handshake takes ten seconds at most",
  },
  "connections that begin a handshake and never end it": {
    sends: Buffer.concat([sslRequest, Buffer.from([0x16, 3, 1, 0x40, 0])]),
    why: "half of a handshake costs no more than half of a login",
  },
  "connections that send a byte at a time": {
    sends: halfLogin.subarray(0, 1),
    why: "a message that is never whole takes a socket alone",
  },
  "connections that send garbage": {
    sends: Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50)),
    why: "what is no message is closed",
  },
  "connections that announce a huge message": {
    sends: Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0]),
    why: "a first message has 10,000 bytes at most",
  },
};

/**
 * Opens the flood, measures other clients while it lasts, and ends it. Returns the longest that one of them has waited,
 * and how many connections were open at once.
 */
export async function measureFlood(
  where: Address,
  sends: Buffer,
  clients: readonly (() => Promise<unknown>)[],
): Promise<{ readonly slowestMs: number; readonly opened: number }> {
  const sockets: Socket[] = [];
  try {
    let opened = 0;
    for (let at = 0; at < floodSize; at++) {
      const socket = connect(where.port, where.host);
      socket.on("error", () => undefined);
      socket.once("connect", () => {
        opened += 1;
        if (sends.length > 0) socket.write(sends);
      });
      sockets.push(socket);
    }
    await new Promise((resolve) => setTimeout(resolve, 700));
    let slowestMs = 0;
    for (let round = 0; round < 5; round++) {
      for (const client of clients) {
        const begin = performance.now();
        await client();
        slowestMs = Math.max(slowestMs, performance.now() - begin);
      }
    }
    return { slowestMs, opened };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(message.length + 4);
  return length;
}
