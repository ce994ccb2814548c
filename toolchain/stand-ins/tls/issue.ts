// The library finds its parts by it.
import "reflect-metadata";
import { createPrivateKey, createPublicKey, randomBytes, type KeyObject } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** What a certificate or a request says of its owner. */
export interface Names {
  readonly subject: Readonly<Record<string, string>>;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

export interface Validity {
  readonly hours: number;
  /** As Go's crypto/x509 and the official plugin name them: `digital_signature`, `server_auth`. */
  readonly allowedUses: readonly string[];
  readonly isAuthority: boolean;
  /** Whether it has an identifier of its key. An authority always has. */
  readonly hasKeyId: boolean;
}

export interface Issued {
  readonly pem: string;
  /** In decimal. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** In the order in which the official plugin writes them. */
const attributes = new Map([
  ["country", "C"],
  ["organization", "O"],
  ["organizationalUnit", "OU"],
  ["locality", "L"],
  ["province", "ST"],
  ["commonName", "CN"],
]);

const keyUsages = new Map([
  ["digital_signature", x509.KeyUsageFlags.digitalSignature],
  ["content_commitment", x509.KeyUsageFlags.nonRepudiation],
  ["key_encipherment", x509.KeyUsageFlags.keyEncipherment],
  ["data_encipherment", x509.KeyUsageFlags.dataEncipherment],
  ["key_agreement", x509.KeyUsageFlags.keyAgreement],
  ["cert_signing", x509.KeyUsageFlags.keyCertSign],
  ["crl_signing", x509.KeyUsageFlags.cRLSign],
]);

const extendedKeyUsages = new Map<string, x509.ExtendedKeyUsage>([
  ["server_auth", x509.ExtendedKeyUsage.serverAuth],
  ["client_auth", x509.ExtendedKeyUsage.clientAuth],
]);

export async function issueRequest(
  args: Names & { readonly privateKeyPem: string },
): Promise<{ readonly pem: string; readonly der: Buffer }> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: nameOf(args.subject),
    extensions: alternativeNames(args),
    signingAlgorithm,
    keys: keysOf(args.privateKeyPem),
  });
  return { pem: `${request.toString("pem")}\n`, der: Buffer.from(request.rawData) };
}

export async function issueSelfSigned(
  args: Names & Validity & { readonly privateKeyPem: string },
): Promise<Issued> {
  const keys = keysOf(args.privateKeyPem);
  const { serialNumber, notBefore, notAfter } = lifeOf(args);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber, notBefore, notAfter, signingAlgorithm, keys },
    name: nameOf(args.subject),
    extensions: [...alternativeNames(args), ...(await usage(args, keys.publicKey))],
  });
  return issued(certificate);
}

export async function issueSigned(
  args: Validity & {
    readonly requestPem: string;
    readonly authorityPem: string;
    readonly authorityKeyPem: string;
  },
): Promise<Issued> {
  const request = new x509.Pkcs10CertificateRequest(args.requestPem);
  if (!(await request.verify())) throw new Error("the certificate request is not signed by its own key");
  const authority = new x509.X509Certificate(args.authorityPem);
  const authorityKeyId = authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  const asked = request.extensions.filter(
    (extension) => extension instanceof x509.SubjectAlternativeNameExtension,
  );
  const { serialNumber, notBefore, notAfter } = lifeOf(args);
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ serialNumber, notBefore, notAfter, signingAlgorithm },
    subject: request.subjectName,
    issuer: authority.subjectName,
    publicKey: request.publicKey,
    signingKey: keysOf(args.authorityKeyPem).privateKey,
    extensions: [
      ...asked,
      ...(await usage(args, request.publicKey)),
      ...(authorityKeyId === undefined ? [] : [new x509.AuthorityKeyIdentifierExtension(authorityKeyId)]),
    ],
  });
  return issued(certificate);
}

const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" };

function keysOf(pem: string): ReturnType<typeof cryptoKeys> {
  return cryptoKeys(createPrivateKey(pem));
}

function cryptoKeys(key: KeyObject) {
  const namedCurve = key.asymmetricKeyDetails?.namedCurve === "secp384r1" ? "P-384" : "P-256";
  const algorithm = { name: "ECDSA", namedCurve };
  return {
    privateKey: key.toCryptoKey(algorithm, false, ["sign"]),
    publicKey: createPublicKey(key).toCryptoKey(algorithm, true, ["verify"]),
  };
}

function nameOf(subject: Readonly<Record<string, string>>): x509.JsonName {
  const strange = Object.keys(subject).filter((key) => !attributes.has(key));
  if (strange.length > 0) {
    throw new Error(
      `the stand-in has no ${strange.join(", ")} in a subject, only ${[...attributes.keys()].join(", ")}`,
    );
  }
  return [...attributes].flatMap(([key, attribute]) => {
    const value = subject[key];
    return value === undefined ? [] : [{ [attribute]: [value] }];
  });
}

function alternativeNames({ dnsNames, ipAddresses }: Names): x509.Extension[] {
  const names: x509.JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)];
}

async function usage(
  { allowedUses, isAuthority, hasKeyId }: Validity,
  publicKey: x509.PublicKeyType,
): Promise<x509.Extension[]> {
  let flags: x509.KeyUsageFlags | undefined;
  for (const flag of allowedUses.flatMap((use) => keyUsages.get(use) ?? [])) {
    flags ??= flag;
    flags |= flag;
  }
  const extended = allowedUses.flatMap((use) => extendedKeyUsages.get(use) ?? []);
  return [
    new x509.BasicConstraintsExtension(isAuthority, undefined, true),
    ...(flags === undefined ? [] : [new x509.KeyUsagesExtension(flags, true)]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
    ...(isAuthority || hasKeyId ? [await x509.SubjectKeyIdentifierExtension.create(publicKey)] : []),
  ];
}

function lifeOf({ hours }: Validity): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const serial = randomBytes(16);
  // Positive, and of full length whatever the chance.
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  const notBefore = new Date(Math.floor(Date.now() / 1000) * 1000);
  const notAfter = new Date(notBefore.getTime() + hours * 3_600_000);
  return { serialNumber: serial.toString("hex"), notBefore, notAfter };
}

function issued(certificate: x509.X509Certificate): Issued {
  return {
    pem: `${certificate.toString("pem")}\n`,
    serial: BigInt(`0x${certificate.serialNumber}`).toString(),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
  };
}
