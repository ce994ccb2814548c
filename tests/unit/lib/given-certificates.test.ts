import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { UserError } from "../../../lib/errors.ts";
import { readGivenCertificates } from "../../../lib/given-certificates/read.ts";
import { newKeys, selfSigned, TestAuthority, writeCertificates } from "../../helpers/test-authority.ts";

const root = mkdtempSync(join(tmpdir(), "ecosphere-certificates-"));
const folder = join(root, "certificates");
const settings = { replicas: 1, proxies: 1, bindAddress: "10.1.2.3", certificateFolder: folder };
const own = { name: "pg-1", bindAddress: "10.1.2.3" };

const path = (file: string): string => join(folder, file);
const give = (file: string, ...content: readonly string[]): void => {
  writeFileSync(path(file), content.join(""), { mode: 0o600 });
};

/** What is told of a folder that is refused: one line a fault. */
function faultsOf(): readonly string[] {
  try {
    readGivenCertificates(settings);
  } catch (error) {
    assert.ok(error instanceof UserError);
    assert.equal(error.code, "bad-certificates");
    assert.doesNotMatch(error.message, /BEGIN|MI[GHIE][A-Za-z0-9]/, "nothing of a key is told");
    const [head = "", ...lines] = error.message.split("\n");
    assert.match(
      head,
      /^the certificates in \S+ \(ecosphere:certificateFolder\) have (a fault|\d+ faults):$/,
    );
    return lines.map((line) => line.trim());
  }
  return assert.fail("the folder was accepted");
}

/** Fails unless exactly these are told, each with its fix. */
function refusesWith(...expected: readonly RegExp[]): void {
  const faults = faultsOf();
  assert.equal(faults.length, expected.length, faults.join("\n"));
  for (const [at, fault] of faults.entries()) {
    assert.match(fault, expected[at] ?? /$^/);
    assert.match(fault, /\. Fix: /);
  }
}

describe("certificates of one's own", () => {
  let authority: TestAuthority;
  before(async () => {
    authority = await TestAuthority.make("Example Root");
  });
  beforeEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    await writeCertificates(folder, authority, settings);
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  test("are not asked for without the key", () => {
    assert.equal(readGivenCertificates({ ...settings, certificateFolder: undefined }), undefined);
  });

  test("are those of every part, as they stand in the folder, with the authorities", () => {
    const given = readGivenCertificates(settings);
    const parts = ["pg-1", "pg-2", "proxy-1", "sentinel"];
    assert.deepEqual([...(given?.identities.keys() ?? [])], parts);
    for (const part of parts) {
      assert.equal(given?.identities.get(part), readFileSync(path(`${part}.pem`), "utf8"));
    }
    assert.equal(given?.ca, authority.pem);
    assert.deepEqual(given.warnings, []);
  });

  test("may stand beside words and in any order, and have other authorities between them and the root", async () => {
    const between = await authority.below("Example Databases");
    const { cert, key } = await between.issueFor(own);
    give("pg-1.pem", "Bag Attributes\n\n", key, "\n", cert.replaceAll("\n", "\r\n"), "\n\n", between.pem);
    assert.equal(readGivenCertificates(settings)?.identities.get("pg-1"), cert + between.pem + key);
    // What everybody has among the authorities need not be sent along.
    give("pg-1.pem", cert, key);
    give("ca.pem", between.pem, authority.pem);
    assert.equal(readGivenCertificates(settings)?.identities.get("pg-1"), cert + key);
  });

  test("may be of RSA, and without any limit of their use", async () => {
    const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { cert, key } = await authority.issueFor(own, { keys, uses: [] });
    give("pg-1.pem", cert, key);
    assert.ok(readGivenCertificates(settings));
  });

  test("are warned of in the last 30 days, an authority too", async () => {
    const { cert, key } = await authority.issueFor(own, { toDay: 29 });
    give("pg-1.pem", cert, key);
    give("ca.pem", authority.pem, (await TestAuthority.make("Example Old", { toDay: 29 })).pem);
    const [old = "", warning = "", ...more] = readGivenCertificates(settings)?.warnings ?? [];
    assert.match(old, /ca\.pem: CN=Example Old, O=Example .*renewed/);
    assert.match(warning, /pg-1\.pem: CN=pg-1, O=Example \(serial 40[0-9A-F]{30}\) ends at \d{4}-.*renewed/);
    assert.deepEqual(more, []);
  });

  test("are refused with every fault at once, those of several files", async () => {
    rmSync(path("sentinel.pem"));
    chmodSync(path("pg-2.pem"), 0o640);
    const { cert } = await authority.issueFor(own);
    const { privateKey } = newKeys();
    give("pg-1.pem", cert, privateKey.export({ type: "sec1", format: "pem" }).toString());
    refusesWith(
      /^pg-1\.pem: its key does not belong to its certificate, CN=pg-1, O=Example \(serial/,
      /^pg-2\.pem: its mode is 0640, and it holds a key; needed is 0600\. Fix: chmod 600 \S+pg-2\.pem$/,
      /^sentinel\.pem: is missing; needed is the certificate of sentinel and its key, as PEM\. Fix: make \S+sentinel\.pem/,
    );
  });

  test("are refused when the folder is not there, by each file", () => {
    rmSync(folder, { recursive: true });
    assert.equal(faultsOf().length, 5);
    mkdirSync(folder);
    mkdirSync(path("ca.pem"));
    assert.match(faultsOf()[0] ?? "", /^ca\.pem: is a folder; needed is the authorities to believe/);
  });

  test("are refused when they are no PEM, or damaged", async () => {
    const { cert, key } = await authority.issueFor(own);
    give("pg-1.pem", "\x30\x82\x01\x00 is DER");
    refusesWith(/^pg-1\.pem: it holds no private key as PEM/, /^pg-1\.pem: it holds no PEM of a CERTIFICATE/);
    give("pg-1.pem", cert.replace(/\n[^\n]+/, "\nAAAA"), key);
    refusesWith(/^pg-1\.pem: its certificate 1 is damaged/);
    give("pg-1.pem", cert, key.replace(/\n[^\n]+/, "\nAAAA"));
    refusesWith(/^pg-1\.pem: its private key is damaged/);
  });

  test("are refused with two keys, and with one that a password encrypts", async () => {
    const keys = newKeys();
    const { cert, key } = await authority.issueFor(own, { keys });
    give("pg-1.pem", cert, key, key);
    refusesWith(/^pg-1\.pem: it holds 2 private keys as PEM; needed is one/);
    const cipher = { cipher: "aes-256-cbc", passphrase: "x" };
    const encrypted = keys.privateKey.export({ type: "pkcs8", format: "pem", ...cipher }).toString();
    give("pg-1.pem", cert, encrypted);
    refusesWith(/^pg-1\.pem: its key is encrypted.*Fix: openssl pkey -in/);
  });

  test("are refused when the certificate of the key is not the first", async () => {
    const between = await authority.below("Example Databases");
    const { cert, key } = await between.issueFor(own);
    give("pg-1.pem", between.pem, cert, key);
    assert.match(faultsOf()[0] ?? "", /^pg-1\.pem: the certificate that its key belongs to is not the first/);
  });

  test("are refused with a key that some client or part could not use", async () => {
    for (const [keys, found] of [
      [generateKeyPairSync("rsa", { modulusLength: 1024 }), "rsa 1024 bits"],
      [generateKeyPairSync("ec", { namedCurve: "secp256k1" }), "ec secp256k1"],
      [generateKeyPairSync("ed25519"), "ed25519"],
    ] as const) {
      const { cert, key } = await authority.issueFor(own, { keys });
      give("pg-1.pem", cert, key);
      refusesWith(new RegExp(`^pg-1\\.pem: its key is ${found}; allowed are EC on P-256`));
    }
  });

  test("are refused without the names by which the part is reached", async () => {
    const { cert, key } = await authority.issueFor(own, {
      dnsNames: ["localhost"],
      ipAddresses: ["127.0.0.1"],
    });
    give("pg-1.pem", cert, key);
    refusesWith(
      /^pg-1\.pem: its subject's alternative names \(DNS:localhost, IP Address:127\.0\.0\.1\) lack pg-1, 10\.1\.2\.3\. Fix: have it issued for pg-1, localhost, 127\.0\.0\.1, 10\.1\.2\.3$/,
    );
  });

  test("are refused under another subject, and with the names of another part", async () => {
    const names = { dnsNames: ["pg-1", "localhost", "pg-2"], ipAddresses: ["127.0.0.1", "10.1.2.3"] };
    const { cert, key } = await authority.issue("pg-9", names);
    give("pg-1.pem", cert, key);
    const sentinel = await authority.issueFor({ name: "sentinel" }, { ipAddresses: ["127.0.0.1"] });
    give("sentinel.pem", sentinel.cert, sentinel.key);
    refusesWith(
      /^pg-1\.pem: its subject has the common name pg-9; needed is CN=pg-1/,
      /^pg-1\.pem: it is valid for pg-2 too, which are other parts/,
      /^sentinel\.pem: it is valid for 127\.0\.0\.1 too/,
    );
  });

  test("are refused for serving alone", async () => {
    const { cert, key } = await authority.issueFor(own, { uses: ["server"] });
    give("pg-1.pem", cert, key);
    refusesWith(/^pg-1\.pem: its extended key usage lacks clientAuth/);
  });

  test("are refused when they have expired, end within three days, or are not valid yet", async () => {
    for (const [life, told] of [
      [{ fromDay: -9, toDay: -1 }, /has expired at \d{4}-/],
      [{ toDay: 2 }, /ends at .*; needed are 3 days more/],
      [{ fromDay: 1 }, /is valid from .*host's clock/],
    ] as const) {
      const { cert, key } = await authority.issueFor(own, life);
      give("pg-1.pem", cert, key);
      refusesWith(new RegExp(`^pg-1\\.pem: CN=pg-1.*${told.source}`));
    }
  });

  test("are refused by another authority, by themselves, and without what stands between", async () => {
    const foreign = await TestAuthority.make("Example Root");
    const between = await authority.below("Example Databases");
    const selfMade = await selfSigned("pg-1", {
      dnsNames: ["pg-1", "localhost"],
      ipAddresses: ["127.0.0.1", "10.1.2.3"],
    });
    for (const { cert, key } of [await foreign.issueFor(own), selfMade, await between.issueFor(own)]) {
      give("pg-1.pem", cert, key);
      refusesWith(/^pg-1\.pem: nothing leads from CN=pg-1.*, issued by .*, to an authority of ca\.pem/);
    }
    // An authority that another one has signed is the end of no chain.
    const { cert, key } = await between.issueFor(own);
    give("pg-1.pem", cert, key);
    give("ca.pem", between.pem);
    assert.match(faultsOf()[0] ?? "", /^pg-1\.pem: nothing leads/);
  });

  test("are refused with an authority's certificate that is none, that has ended, or that comes with its key", async () => {
    const { cert, key } = await authority.issueFor(own);
    const ended = await TestAuthority.make("Example Old", { fromDay: -9, toDay: -1 });
    give("ca.pem", authority.pem, cert, ended.pem, key);
    refusesWith(
      /^ca\.pem: it holds a private key, and every client gets it/,
      /^ca\.pem: CN=pg-1, O=Example .* is no authority's/,
      /^ca\.pem: CN=Example Old, O=Example .* has expired/,
    );
    give("ca.pem", "");
    assert.match(faultsOf()[0] ?? "", /^ca\.pem: it holds no PEM of a CERTIFICATE/);
  });

  test("are refused without the identifiers of keys that Python asks for", async () => {
    const { cert, key } = await authority.issueFor(own, { isBare: true });
    give("pg-1.pem", cert, key);
    refusesWith(/^pg-1\.pem: CN=pg-1.* lacks an authority key identifier, without which Patroni/);
    const between = await authority.below("Example Databases", { isBare: true });
    const other = await between.issueFor(own);
    give("pg-1.pem", other.cert, between.pem, other.key);
    refusesWith(
      /CN=Example Databases.* lacks an authority key identifier, a subject key identifier, a key usage, critical basic constraints/,
    );
  });

  test("may be an authority's in no part's place", async () => {
    const between = await authority.below("pg-1");
    const { privateKey } = newKeys();
    give("pg-1.pem", between.pem, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    assert.match(faultsOf().join("\n"), /pg-1\.pem: it is an authority's certificate/);
  });
});
