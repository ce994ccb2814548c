// The library finds its parts by it.
import "reflect-metadata";
import { generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { certificateNames } from "../../lib/cluster-config/certificates.ts";
import { certifiedParts, type CertifiedPart } from "../../lib/cluster-config/certified-parts.ts";

type KeyPair = Readonly<Record<"publicKey" | "privateKey", KeyObject>>;

/** What a certificate says, where it is not what any good one does. */
export interface CertificateOptions {
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Days from now; those of the past are negative. */
  readonly fromDay?: number;
  readonly toDay?: number;
  /** The purposes that it is limited to; without any: none at all. */
  readonly uses?: readonly ("server" | "client")[];
  readonly keys?: KeyPair;
}

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export const newKeys = (): KeyPair => generateKeyPairSync("ec", { namedCurve: "P-256" });

const purposes = {
  server: x509.ExtendedKeyUsage.serverAuth,
  client: x509.ExtendedKeyUsage.clientAuth,
} as const;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 24 * 3_600_000;

/** An authority as a company has one, or as an attacker makes one. */
export class TestAuthority {
  /** Its own certificate, as PEM. */
  readonly pem: string;
  readonly #certificate: x509.X509Certificate;
  readonly #keys: KeyPair;

  private constructor(certificate: x509.X509Certificate, keys: KeyPair) {
    this.#certificate = certificate;
    this.#keys = keys;
    this.pem = pemOf(certificate);
  }

  /** One that signs itself. */
  static async make(name: string, life: Pick<CertificateOptions, "fromDay" | "toDay"> = {}) {
    const keys = newKeys();
    const issuer = { name: nameOf(name), privateKey: keys.privateKey };
    return new TestAuthority(await sign(name, issuer, keys, authorityExtensions(), life), keys);
  }

  /** One that this one has signed. */
  async below(name: string): Promise<TestAuthority> {
    const keys = newKeys();
    return new TestAuthority(await sign(name, this.#issuer, keys, authorityExtensions(), {}), keys);
  }

  /** A certificate by this authority for serving and for asking. */
  async issue(commonName: string, options: CertificateOptions = {}): Promise<Identity> {
    const { keys = newKeys() } = options;
    return identityOf(await sign(commonName, this.#issuer, keys, leafExtensions(options), options), keys);
  }

  /** The one of a part of a stack, with the names that it needs. */
  issueFor(part: CertifiedPart, options: CertificateOptions = {}): Promise<Identity> {
    return this.issue(part.name, { ...certificateNames(part.name, part.bindAddress), ...options });
  }

  get #issuer() {
    return { name: this.#certificate.subject, privateKey: this.#keys.privateKey };
  }
}

/** A certificate that nobody but its owner has signed. */
export async function selfSigned(commonName: string, options: CertificateOptions = {}): Promise<Identity> {
  const keys = newKeys();
  const issuer = { name: nameOf(commonName), privateKey: keys.privateKey };
  return identityOf(await sign(commonName, issuer, keys, leafExtensions(options), options), keys);
}

/** Makes a folder as `certificateFolder` takes one, for all parts of a stack. */
export async function writeCertificates(
  folder: string,
  authority: TestAuthority,
  settings: Parameters<typeof certifiedParts>[0],
): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "ca.pem"), authority.pem);
  for (const part of certifiedParts(settings)) {
    const { cert, key } = await authority.issueFor(part);
    writeFileSync(join(folder, `${part.name}.pem`), cert + key, { mode: 0o600 });
  }
}

function sign(
  commonName: string,
  issuer: { readonly name: string; readonly privateKey: KeyObject },
  { publicKey }: KeyPair,
  extensions: readonly x509.Extension[],
  { fromDay = -1, toDay = 60 }: Pick<CertificateOptions, "fromDay" | "toDay">,
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    serialNumber: `40${randomBytes(15).toString("hex")}`,
    subject: nameOf(commonName),
    issuer: issuer.name,
    notBefore: new Date(Date.now() + fromDay * dayMs),
    notAfter: new Date(Date.now() + toDay * dayMs),
    publicKey: new x509.PublicKey(publicKey.export({ type: "spki", format: "der" })),
    signingKey: issuer.privateKey.toCryptoKey(algorithm, false, ["sign"]),
    signingAlgorithm: algorithm,
    extensions: [...extensions],
  });
}

function authorityExtensions(): readonly x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
  ];
}

function leafExtensions({
  dnsNames = [],
  ipAddresses = [],
  uses = ["server", "client"],
}: CertificateOptions): readonly x509.Extension[] {
  const names: x509.JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ...(uses.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(uses.map((use) => purposes[use]))]),
  ];
}

function identityOf(certificate: x509.X509Certificate, { privateKey }: KeyPair): Identity {
  return {
    cert: pemOf(certificate),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

const nameOf = (commonName: string): string => `CN=${commonName}, O=Example`;
const pemOf = (certificate: x509.X509Certificate): string => `${certificate.toString("pem")}\n`;
