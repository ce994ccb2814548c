import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

const defaultIterations = 4096;
const shape = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;

/**
 * What PostgreSQL stores of a password, `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey` (RFC 5803).
 * A CREATE ROLE that carries this leaves no readable password in the server's log or statistics.
 * @param salt random unless given
 */
export function scramVerifier(
  password: string,
  salt: Uint8Array = randomBytes(16),
  iterations = defaultIterations,
): string {
  const salted = pbkdf2Sync(prepared(password), salt, iterations, 32, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest("base64");
  const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString("base64")}$${storedKey}:${serverKey}`;
}

/**
 * The verifier of a role's password. Its salt follows from both: a pooler that logs in with what it has learnt from a
 * client goes on when the same password is set once more.
 */
export function verifierFor(role: string, password: string): string {
  const salt = createHmac("sha256", password).update(role).digest().subarray(0, 16);
  return scramVerifier(password, salt);
}

/** Whether `text` is a verifier rather than a password. */
export function isScramVerifier(text: string): boolean {
  return shape.test(text);
}

/** Whether `verifier` was made of `password`. False for anything that is no verifier. */
export function matchesScramVerifier(password: string, verifier: string): boolean {
  const [, iterations, salt] = shape.exec(verifier) ?? [];
  if (iterations === undefined || salt === undefined) return false;
  const made = Buffer.from(scramVerifier(password, Buffer.from(salt, "base64"), Number(iterations)));
  const given = Buffer.from(verifier);
  return made.length === given.length && timingSafeEqual(made, given);
}

/**
 * SASLprep (RFC 4013), which clients apply before they log in. A password that it forbids is taken as it is,
 * as the server does.
 */
function prepared(password: string): string {
  if (/^[\x20-\x7e]*$/.test(password)) return password;
  const mapped = password
    .replace(/[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/gu, "")
    .replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu, " ")
    .normalize("NFKC");
  return mapped === "" || /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\ufff9-\ufffd]/u.test(mapped) ? password : mapped;
}
