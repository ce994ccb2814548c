import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectPlain, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { connect, TLSSocket, type ConnectionOptions, type SecureVersion } from "node:tls";
import type { Address } from "../../../lib/connection.ts";
import type { Identity } from "../test-authority.ts";

/** The first message of a client that wants TLS. */
export const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** What OpenSSL would not speak of its own accord: so that it is the other side that refuses. */
const anyCipher = "DEFAULT@SECLEVEL=0";

/**
 * Asks for TLS as PostgreSQL's clients do, and shakes hands by one version alone. Verifies nothing, and logs nobody in.
 * @throws what the other side said, or that it hung up
 */
export async function shakeHands({ host, port }: Address, version: SecureVersion): Promise<void> {
  const plain = connectPlain(port, host);
  try {
    await once(plain, "connect");
    plain.write(sslRequest);
    await once(plain, "data");
    const options: ConnectionOptions = { minVersion: version, maxVersion: version, ciphers: anyCipher };
    const socket = connect({ ...options, socket: plain, rejectUnauthorized: false });
    socket.on("error", () => undefined);
    const hungUp = once(socket, "close").then(() => {
      throw new Error("the other side hung up");
    });
    await Promise.race([once(socket, "secureConnect"), hungUp]);
    hungUp.catch(() => undefined);
    assert.equal(socket.getProtocol(), version);
  } finally {
    plain.destroy();
  }
}

/** Something that pretends to be PostgreSQL: it shows a certificate, and tells whoever goes on that it is the impostor. */
export class Impostor implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor({ cert, key }: Identity, version: SecureVersion) {
    this.#server = createServer((plain) => {
      this.#sockets.add(plain);
      plain.on("error", () => undefined);
      plain.once("data", () => {
        plain.write("S");
        const versions = { minVersion: version, maxVersion: version, ciphers: anyCipher };
        const socket = new TLSSocket(plain, { isServer: true, cert, key, ...versions });
        socket.on("error", () => undefined);
        socket.once("data", () => {
          socket.end(impostorsAnswer);
        });
      });
    });
  }

  static async listen(identity: Identity, version: SecureVersion = "TLSv1.3"): Promise<Impostor> {
    const impostor = new Impostor(identity, version);
    await once(impostor.#server.listen(0, "127.0.0.1"), "listening");
    return impostor;
  }

  get address(): Address {
    const address: AddressInfo | string | null = this.#server.address();
    assert.ok(address !== null && typeof address === "object");
    return { host: "127.0.0.1", port: address.port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** An ErrorResponse: severity, code, message. */
const impostorsAnswer = errorResponse("SFATAL\0VFATAL\0C28000\0Mthe impostor was believed\0\0");

function errorResponse(fields: string): Buffer {
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, Buffer.from(fields)]);
}
