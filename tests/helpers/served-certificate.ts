import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { connect } from "node:tls";
import type { Address } from "../../lib/connection.ts";

const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** The serial number of the certificate that PostgreSQL or PgBouncer shows to a new client now; verified by `ca`. */
export async function servedCertificate({ host, port }: Address, ca: string): Promise<string> {
  const plain = connectPlain(port, host);
  await once(plain, "connect");
  plain.write(sslRequest);
  await once(plain, "data");
  const socket = connect({ socket: plain, ca, host });
  try {
    await once(socket, "secureConnect");
    return socket.getPeerCertificate().serialNumber;
  } finally {
    socket.destroy();
  }
}
