import type { KeyObject, X509Certificate } from "node:crypto";
import { certificateNames } from "../cluster-config/certificates.ts";
import type { CertifiedPart } from "../cluster-config/certified-parts.ts";

const dayMs = 24 * 3_600_000;

/** Who deploys a certificate that ends within so many days deploys the cluster's end. */
const leastDays = 3;

/** From so many days before its end on, a warning says that a certificate is to be renewed. */
const warningDays = 30;

/** `CN=pg-1, O=Example (serial 4F…)`: nothing of it is secret. */
export function describe(certificate: X509Certificate): string {
  return `${certificate.subject.split("\n").join(", ")} (serial ${certificate.serialNumber})`;
}

/** What is wrong with the time in which it is valid; undefined when nothing is. */
export function timeFault(certificate: X509Certificate, now: Date): string | undefined {
  const { validFromDate: from, validToDate: to } = certificate;
  if (from > now) {
    return `${describe(certificate)} is valid from ${from.toISOString()} on, and now it is ${now.toISOString()}. Fix: correct this host's clock, or have it issued for now`;
  }
  const end = to <= now ? "has expired" : "ends";
  if (to.getTime() - now.getTime() >= leastDays * dayMs) return undefined;
  return `${describe(certificate)} ${end} at ${to.toISOString()}; needed are ${leastDays} days more. Fix: have it issued anew`;
}

/** Whether it is time to have it renewed. */
export function endsSoon(certificate: X509Certificate, now: Date): boolean {
  return certificate.validToDate.getTime() - now.getTime() < warningDays * dayMs;
}

/** What keeps a certificate from being the one of a part. @param all every part of the stack */
export function identityFaults(
  certificate: X509Certificate,
  part: CertifiedPart,
  all: readonly CertifiedPart[],
): readonly string[] {
  return [
    ...subjectFaults(certificate, part.name),
    ...nameFaults(certificate, part, all),
    ...usageFaults(certificate),
  ];
}

/** PostgreSQL knows a part by the common name of its certificate. */
function subjectFaults({ subject }: X509Certificate, part: string): readonly string[] {
  const names = [...subject.matchAll(/^CN=(.*)$/gm)].map(([, name]) => name);
  if (names.length === 1 && names[0] === part) return [];
  const found = names.length === 0 ? "no common name" : `the common name ${names.join(" and ")}`;
  return [`its subject has ${found}; needed is CN=${part}. Fix: have it issued for that subject`];
}

function nameFaults(
  certificate: X509Certificate,
  { name, bindAddress }: CertifiedPart,
  all: readonly CertifiedPart[],
): readonly string[] {
  const isFor = (host: string): boolean =>
    (/^[\d.]+$/.test(host) ? certificate.checkIP(host) : checkHost(certificate, host)) !== undefined;
  const { dnsNames, ipAddresses } = certificateNames(name, bindAddress);
  const needed = [...dnsNames, ...ipAddresses];
  const missing = needed.filter((host) => !isFor(host));
  // By them it could take another part's place.
  const others = all.flatMap((part) => {
    const names = certificateNames(part.name, part.bindAddress);
    return [...names.dnsNames, ...names.ipAddresses];
  });
  const foreign = [...new Set(others)].filter((host) => !needed.includes(host) && isFor(host));
  const found = certificate.subjectAltName ?? "none";
  return [
    ...(missing.length === 0
      ? []
      : [
          `its subject's alternative names (${found}) lack ${missing.join(", ")}. Fix: have it issued for ${needed.join(", ")}`,
        ]),
    ...(foreign.length === 0
      ? []
      : [
          `it is valid for ${foreign.join(", ")} too, which are other parts. Fix: have it issued for ${needed.join(", ")} alone`,
        ]),
  ];
}

function checkHost(certificate: X509Certificate, host: string): string | undefined {
  return certificate.checkHost(host, { subject: "never" });
}

const uses = new Map([
  ["1.3.6.1.5.5.7.3.1", "serverAuth"],
  ["1.3.6.1.5.5.7.3.2", "clientAuth"],
]);

/** Without the extension there is none, whatever Node's types say, and any use is allowed. */
function missingUses(allowed: readonly string[] | undefined): readonly string[] {
  return [...uses].flatMap(([oid, use]) => (allowed === undefined || allowed.includes(oid) ? [] : [use]));
}

function usageFaults(certificate: X509Certificate): readonly string[] {
  const missing = missingUses(certificate.keyUsage);
  const signature = certificate.signatureAlgorithm ?? "unknown";
  return [
    ...(certificate.ca ? ["it is an authority's certificate. Fix: give the part's own, issued by it"] : []),
    ...(missing.length === 0
      ? []
      : [
          `its extended key usage lacks ${missing.join(" and ")}: a part serves and asks. Fix: have it issued for serverAuth and clientAuth`,
        ]),
    // libpq binds a login to the certificate, for which it needs the signature's one digest.
    ...(/^(ecdsa-with-SHA|sha)(256|384|512)/.test(signature)
      ? []
      : [
          `it is signed by ${signature}; allowed are ECDSA and RSA (PKCS #1) with SHA-256 or longer. Fix: have it signed by one of those`,
        ]),
  ];
}

/** Extensions that Node does not tell of, as DER begins them: the identifier, and where it counts that it is critical. */
const extensions = {
  "an authority key identifier": "0603551d23",
  "a subject key identifier": "0603551d0e",
  "a key usage": "0603551d0f",
  "critical basic constraints": "0603551d130101ff",
} as const;

/**
 * What keeps a chain from being taken by Patroni and the sentinel: Python verifies it by the letter of RFC 5280.
 * @param chain as `chainOf` has it
 */
export function chainFaults(chain: readonly X509Certificate[]): readonly string[] {
  const lacks = (certificate: X509Certificate, name: keyof typeof extensions): boolean =>
    !certificate.raw.includes(Buffer.from(extensions[name], "hex"));
  const ofAll = ["an authority key identifier"] as const;
  const ofAuthorities = ["a subject key identifier", "a key usage", "critical basic constraints"] as const;
  return chain.flatMap((certificate, at) => {
    const isRoot = at === chain.length - 1;
    const needed = [...(isRoot ? [] : ofAll), ...(at === 0 ? [] : ofAuthorities)];
    const missing = needed.filter((name) => lacks(certificate, name));
    if (missing.length === 0) return [];
    return [
      `${describe(certificate)} lacks ${missing.join(", ")}, without which Patroni takes no certificate. Fix: have it issued with that`,
    ];
  });
}

/** What is wrong with the kind of a key; undefined when nothing is. */
export function keyFault(key: KeyObject): string | undefined {
  const { modulusLength = 0, namedCurve = "" } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 2048) return undefined;
  if (key.asymmetricKeyType === "ec" && ["prime256v1", "secp384r1", "secp521r1"].includes(namedCurve)) {
    return undefined;
  }
  const size = key.asymmetricKeyType === "rsa" ? `${modulusLength} bits` : namedCurve;
  return `its key is ${[key.asymmetricKeyType ?? "unknown", size].join(" ").trim()}; allowed are EC on P-256, P-384 or P-521, and RSA of 2048 bits or more. Fix: make such a key, and have a certificate issued for it`;
}
