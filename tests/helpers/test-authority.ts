// The library finds its parts by it.
import "reflect-metadata";
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
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
  /** Without the identifier of its issuer's key. */
  readonly isBare?: boolean;
  readonly keys?: KeyPair;
}

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** An authority's, where it is not what any good one is. */
export type AuthorityOptions = Pick<CertificateOptions, "fromDay" | "toDay" | "isBare">;

interface Issuer {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly keyIdentifier: x509.SubjectKeyIdentifierExtension;
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
  readonly #issuer: Issuer;

  private constructor(pem: string, issuer: Issuer) {
    this.pem = pem;
    this.#issuer = issuer;
  }

  /** One that signs itself. */
  static async make(name: string, options: AuthorityOptions = {}): Promise<TestAuthority> {
    const keys = newKeys();
    return TestAuthority.#signedBy(await issuerOf(name, keys), name, keys, options);
  }

  /** One that is there already. @param key of its certificate, as PEM */
  static async of(pem: string, key: string): Promise<TestAuthority> {
    const privateKey = createPrivateKey(key);
    const { subject } = new x509.X509Certificate(pem);
    const keys = { privateKey, publicKey: createPublicKey(privateKey) };
    return new TestAuthority(pem, await issuerOf(subject, keys));
  }

  /** One that this one has signed. */
  below(name: string, options: AuthorityOptions = {}): Promise<TestAuthority> {
    return TestAuthority.#signedBy(this.#issuer, name, newKeys(), options);
  }

  /** Its subject. */
  get name(): string {
    return this.#issuer.name;
  }

  /** A certificate by this authority for serving and for asking. */
  async issue(commonName: string, options: CertificateOptions = {}): Promise<Identity> {
    const { keys = newKeys() } = options;
    const extensions = [
      ...leafExtensions(options),
      ...(options.isBare ? [] : [authorityKeyOf(this.#issuer)]),
    ];
    return identityOf(await sign(commonName, this.#issuer, keys, extensions, options), keys);
  }

  /** The one of a part of a stack, with the names that it needs. */
  issueFor(part: CertifiedPart, options: CertificateOptions = {}): Promise<Identity> {
    return this.issue(part.name, { ...certificateNames(part.name, part.bindAddress), ...options });
  }

  static async #signedBy(issuer: Issuer, name: string, keys: KeyPair, options: AuthorityOptions) {
    const own = await issuerOf(name, keys);
    const extensions = [
      new x509.BasicConstraintsExtension(true, undefined, !options.isBare),
      ...(options.isBare
        ? []
        : [
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
            own.keyIdentifier,
            authorityKeyOf(issuer),
          ]),
    ];
    return new TestAuthority(pemOf(await sign(name, issuer, keys, extensions, options)), own);
  }
}

/** A certificate that nobody but its owner has signed. */
export async function selfSigned(commonName: string, options: CertificateOptions = {}): Promise<Identity> {
  const keys = newKeys();
  const issuer = await issuerOf(commonName, keys);
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

async function issuerOf(name: string, { publicKey, privateKey }: KeyPair): Promise<Issuer> {
  const keyIdentifier = await x509.SubjectKeyIdentifierExtension.create(spkiOf(publicKey));
  return { name: nameOf(name), privateKey, keyIdentifier };
}

const authorityKeyOf = ({ keyIdentifier }: Issuer): x509.Extension =>
  new x509.AuthorityKeyIdentifierExtension(keyIdentifier.keyId);

function sign(
  commonName: string,
  issuer: Issuer,
  { publicKey }: KeyPair,
  extensions: readonly x509.Extension[],
  { fromDay = -1, toDay = 60 }: AuthorityOptions,
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    serialNumber: `40${randomBytes(15).toString("hex")}`,
    subject: nameOf(commonName),
    issuer: issuer.name,
    notBefore: new Date(Date.now() + fromDay * dayMs),
    notAfter: new Date(Date.now() + toDay * dayMs),
    publicKey: spkiOf(publicKey),
    signingKey: issuer.privateKey.toCryptoKey(algorithm, false, ["sign"]),
    signingAlgorithm: algorithm,
    extensions: [...extensions],
  });
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

/** A common name, or a whole subject. */
const nameOf = (name: string): string => (name.includes("=") ? name : `CN=${name}, O=Example`);
const spkiOf = (key: KeyObject): x509.PublicKey =>
  new x509.PublicKey(key.export({ type: "spki", format: "der" }));
const pemOf = (certificate: x509.X509Certificate): string => `${certificate.toString("pem")}\n`;
