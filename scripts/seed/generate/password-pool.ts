import { createHash, scrypt } from "node:crypto";
import { rowText, type RowText } from "./row-sink.ts";
import type { TextPools } from "./text-pools.ts";

const poolSize = 32;
// A shop would take ln=17; nobody logs in with these, and a seed should not wait for them.
const costExponent = 10;

/**
 * Salted hashes in the PHC string format. Users share them: a hash each would take hours for a million.
 * The salts follow from the seed, so that the same seed writes the same rows.
 */
export async function passwordPool(seed: number, pools: TextPools): Promise<readonly RowText[]> {
  return Promise.all(
    Array.from({ length: poolSize }, async (_, index) => {
      const salt = createHash("sha256").update(`${seed}/salt/${index}`).digest().subarray(0, 16);
      const hash = await derive(pools.of("password").entry(index).text, salt);
      return rowText(`$scrypt$ln=${costExponent},r=8,p=1$${base64(salt)}$${base64(hash)}`);
    }),
  );
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, { N: 2 ** costExponent, r: 8, p: 1 }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
