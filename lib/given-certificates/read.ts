import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { caFile } from "../cluster-config/certificates.ts";
import { certifiedParts, type CertifiedPart } from "../cluster-config/certified-parts.ts";
import { UserError } from "../errors.ts";
import type { Settings } from "../settings.ts";
import {
  chainFaults,
  describe,
  endsSoon,
  identityFaults,
  keyFault,
  timeFault,
} from "./certificate-faults.ts";
import { chainOf } from "./chain.ts";
import { pemBlocks } from "./pem.ts";

/** The certificates that a stack was given in place of some by an authority of its own. */
export interface GivenCertificates {
  /** The authorities to believe, as PEM. No secret. */
  readonly ca: string;
  /** By part: its certificate, what stands between it and an authority, and its key, as PEM. Secret. */
  readonly identities: ReadonlyMap<string, string>;
  /** A line for each certificate that is to be renewed soon. */
  readonly warnings: readonly string[];
}

type CertificateSettings = Pick<Settings, "certificateFolder" | "replicas" | "proxies" | "bindAddress">;

/**
 * Reads the folder of the key `certificateFolder`: `ca.pem`, and `PART.pem` for each part. Undefined without that key.
 * @throws UserError `bad-certificates` that lists every fault: the file, what was found, what is needed, the fix
 */
export function readGivenCertificates(
  settings: CertificateSettings,
  now = new Date(),
): GivenCertificates | undefined {
  const { certificateFolder: folder } = settings;
  if (folder === undefined) return undefined;
  const parts = certifiedParts(settings);
  const faults: string[] = [];
  const warnings: string[] = [];
  const note = (file: string, found: readonly string[]): void => {
    faults.push(...found.map((fault) => `${file}: ${fault}`));
  };
  const warn = (file: string, certificates: readonly X509Certificate[]): void => {
    for (const certificate of certificates.filter((each) => endsSoon(each, now))) {
      const end = certificate.validToDate.toISOString();
      warnings.push(`${join(folder, file)}: ${describe(certificate)} ends at ${end}; have it renewed.`);
    }
  };
  const authorities = readAuthorities(folder, now);
  note(caFile, authorities.faults);
  warn(caFile, authorities.certificates);
  const identities = new Map<string, string>();
  for (const part of parts) {
    const file = `${part.name}.pem`;
    const identity = readIdentity(folder, part, parts, authorities.certificates, now);
    note(file, identity.faults);
    identities.set(part.name, identity.pem);
    warn(file, identity.chain);
  }
  if (faults.length > 0) {
    throw new UserError(
      "bad-certificates",
      `the certificates in ${folder} (ecosphere:certificateFolder) have ${faults.length === 1 ? "a fault" : `${faults.length} faults`}:\n` +
        faults.map((fault) => `  ${fault}`).join("\n"),
    );
  }
  return { ca: authorities.pem, identities, warnings };
}

function readAuthorities(folder: string, now: Date) {
  const { text, faults } = readText(join(folder, caFile), "the authorities to believe, as PEM");
  const { certificates: blocks, keys } = pemBlocks(text ?? "");
  const { certificates, faults: unread } = parseAll(blocks);
  faults.push(...unread);
  if (text !== undefined && blocks.length === 0) {
    faults.push("it holds no PEM of a CERTIFICATE. Fix: put the authorities' certificates into it");
  }
  if (keys.length > 0) {
    faults.push("it holds a private key, and every client gets it. Fix: leave certificates alone in it");
  }
  for (const certificate of certificates) {
    const fault = certificate.ca
      ? timeFault(certificate, now)
      : `${describe(certificate)} is no authority's. Fix: take it out`;
    if (fault !== undefined) faults.push(fault);
  }
  return { pem: blocks.join(""), certificates, faults };
}

function readIdentity(
  folder: string,
  part: CertifiedPart,
  all: readonly CertifiedPart[],
  authorities: readonly X509Certificate[],
  now: Date,
) {
  const path = join(folder, `${part.name}.pem`);
  const { text, faults } = readText(path, `the certificate of ${part.name} and its key, as PEM`);
  if (text === undefined) return { pem: "", chain: [], faults };
  if ((statSync(path).mode & 0o077) !== 0) {
    const mode = (statSync(path).mode & 0o777).toString(8).padStart(4, "0");
    faults.push(`its mode is ${mode}, and it holds a key; needed is 0600. Fix: chmod 600 ${path}`);
  }
  const { certificates: blocks, keys } = pemBlocks(text);
  const { certificates, faults: unread } = parseAll(blocks);
  faults.push(...unread);
  const key = readKey(keys, path, faults);
  const [own, ...between] = certificates;
  if (blocks.length === 0) {
    faults.push("it holds no PEM of a CERTIFICATE. Fix: put the part's certificate before its key");
  }
  if (!own) return { pem: "", chain: [], faults };
  if (key && !own.checkPrivateKey(key)) {
    faults.push(
      between.some((each) => each.checkPrivateKey(key))
        ? "the certificate that its key belongs to is not the first. Fix: put it before those of authorities"
        : `its key does not belong to its certificate, ${describe(own)}. Fix: put the two together that were made for one another`,
    );
  }
  faults.push(...identityFaults(own, part, all));
  const chain = chainOf(own, between, authorities);
  if (!chain) {
    const issuer = own.issuer.split("\n").join(", ");
    faults.push(
      `nothing leads from ${describe(own)}, issued by ${issuer}, to an authority of ${caFile} that signs itself. Fix: put the certificates between into ${part.name}.pem, after its own, and the root into ${caFile}`,
    );
  }
  faults.push(...chainFaults(chain ?? []));
  // Those of the authorities are told with their own file.
  const ownChain = (chain ?? [own]).filter((each) => !authorities.includes(each));
  faults.push(...ownChain.flatMap((each) => timeFault(each, now) ?? []));
  // Built anew, without an empty line: HAProxy would take one for the end of what it is handed.
  return { pem: [...blocks, ...keys].join(""), chain: ownChain, faults };
}

/** The one key, if it can be read. Nothing of it is told. */
function readKey(keys: readonly string[], path: string, faults: string[]): KeyObject | undefined {
  const [pem, ...more] = keys;
  if (pem === undefined || more.length > 0) {
    faults.push(
      `it holds ${keys.length === 0 ? "no private key" : `${keys.length} private keys`} as PEM; needed is one. Fix: leave the key of the part's certificate in it`,
    );
    return undefined;
  }
  if (pem.includes("ENCRYPTED")) {
    faults.push(
      `its key is encrypted, and a part has nobody to ask for the password. Fix: openssl pkey -in ${path}, and its output in the key's place`,
    );
    return undefined;
  }
  try {
    const key = createPrivateKey(pem);
    const fault = keyFault(key);
    if (fault !== undefined) faults.push(fault);
    return key;
  } catch {
    faults.push("its private key is damaged. Fix: put it there again, as PEM");
    return undefined;
  }
}

function parseAll(blocks: readonly string[]) {
  const certificates: X509Certificate[] = [];
  const faults: string[] = [];
  for (const [at, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block));
    } catch {
      faults.push(`its certificate ${at + 1} is damaged. Fix: put it there again, as PEM`);
    }
  }
  return { certificates, faults };
}

function readText(path: string, what: string): { readonly text?: string; readonly faults: string[] } {
  try {
    return { text: readFileSync(path, "utf8"), faults: [] };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    const found =
      code === "ENOENT" ? "is missing" : code === "EISDIR" ? "is a folder" : `cannot be read (${code})`;
    return { faults: [`${found}; needed is ${what}. Fix: make ${path}, readable by you`] };
  }
}
