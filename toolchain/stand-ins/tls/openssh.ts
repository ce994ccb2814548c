import { randomBytes, type KeyObject } from "node:crypto";

/** The public half of an ECDSA key in OpenSSH's own encoding (RFC 5656). */
export interface OpensshPublicKey {
  /** `ecdsa-sha2-nistp256`. */
  readonly kind: string;
  readonly curve: string;
  readonly point: Buffer;
  readonly blob: Buffer;
}

export function opensshPublicKey(key: KeyObject): OpensshPublicKey {
  const { crv = "", x = "", y = "" } = key.export({ format: "jwk" });
  const curve = crv.replace("P-", "nistp");
  const kind = `ecdsa-sha2-${curve}`;
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  return { kind, curve, point, blob: Buffer.concat([kind, curve, point].map(string)) };
}

/** The file that `ssh-keygen` would write, without a passphrase. */
export function opensshPrivateKey(key: KeyObject, { kind, curve, point, blob }: OpensshPublicKey): string {
  const { d = "" } = key.export({ format: "jwk" });
  const check = randomBytes(4);
  const body = Buffer.concat([
    check,
    check,
    ...[kind, curve, point, positive(Buffer.from(d, "base64url")), ""].map(string),
  ]);
  // Up to a whole block of the cipher "none", by 1, 2, 3, …
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, at) => at + 1));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(string),
    Buffer.from([0, 0, 0, 1]),
    string(blob),
    string(Buffer.concat([body, padding])),
  ]);
  const lines = file.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A number without leading zeros, with one where it would else read as negative. */
function positive(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(Math.max(first, 0));
  return (short[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), short]) : short;
}
