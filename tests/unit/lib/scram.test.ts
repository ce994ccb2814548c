import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { describe, test } from "node:test";
import { isScramVerifier, matchesScramVerifier, scramVerifier } from "../../../lib/scram.ts";

const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");

describe("scramVerifier", () => {
  test("holds the keys of the exchange in RFC 7677", () => {
    const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const exchange = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=${salt.toString("base64")},i=4096,c=biws,r=${nonce}`;
    const [, , keys = ""] = scramVerifier("pencil", salt).split("$");
    const [storedKey = "", serverKey = ""] = keys.split(":").map((key) => Buffer.from(key, "base64"));
    const signature = createHmac("sha256", serverKey).update(exchange).digest("base64");
    assert.equal(signature, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    const proof = Buffer.from("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "base64");
    const mask = createHmac("sha256", storedKey).update(exchange).digest();
    const clientKey = proof.map((byte, at) => byte ^ (mask[at] ?? 0));
    assert.deepEqual(createHash("sha256").update(clientKey).digest(), storedKey);
  });

  test("has another salt each time, and still matches its password alone", () => {
    const one = scramVerifier("secret");
    assert.notEqual(one, scramVerifier("secret"));
    assert.ok(isScramVerifier(one));
    assert.ok(matchesScramVerifier("secret", one));
    assert.ok(!matchesScramVerifier("Secret", one));
    assert.ok(!matchesScramVerifier("secret", "secret"));
  });

  test("takes spellings for one that clients take for one", () => {
    assert.equal(scramVerifier("\ufb01sh\u00a0x\u00ad", salt), scramVerifier("fish x", salt));
    assert.equal(scramVerifier("e\u0301", salt), scramVerifier("\u00e9", salt));
  });
});
