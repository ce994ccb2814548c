import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

/** PostgreSQL's own default (scram_iterations). */
const iterations = 4096;
const saltBytes = 16;

export interface ScramOptions {
  /**
   * Takes the salt from this text and the password instead of from chance, so that the same password gives
   * the same verifier: for files that must not change from run to run. Only for long random passwords.
   */
  readonly saltFrom?: string;
}

/**
 * What PostgreSQL stores of a password: `SCRAM-SHA-256$4096:salt$StoredKey:ServerKey` (RFC 5802, RFC 7677).
 * CREATE and ALTER ROLE take it in the password's place, so that the server never sees, nor logs, the password.
 * @param password ASCII; other characters would have to be normalised first (SASLprep)
 */
export function scramVerifier(password: string, options: ScramOptions = {}): string {
  const salt =
    options.saltFrom === undefined
      ? randomBytes(saltBytes)
      : createHmac("sha256", password).update(options.saltFrom).digest().subarray(0, saltBytes);
  return verifierWith(password, salt, iterations);
}

/** Whether `verifier` is one of `password`. False, too, for what is no SCRAM verifier. */
export function isScramVerifierOf(verifier: string, password: string): boolean {
  const match = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$/.exec(verifier);
  if (!match?.[1] || !match[2]) return false;
  const expected = Buffer.from(verifierWith(password, Buffer.from(match[2], "base64"), Number(match[1])));
  const given = Buffer.from(verifier);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function verifierWith(password: string, salt: Buffer, rounds: number): string {
  const salted = pbkdf2Sync(password, salt, rounds, 32, "sha256");
  const hmac = (text: string): Buffer => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${rounds}:${salt.toString("base64")}$${storedKey}:${hmac("Server Key").toString("base64")}`;
}
