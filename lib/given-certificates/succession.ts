import { X509Certificate } from "node:crypto";
import { chainOf } from "./chain.ts";
import { pemBlocks } from "./pem.ts";
import type { GivenCertificates } from "./read.ts";

/**
 * The parts whose certificate is by an authority that the others do not believe yet. They would not let it in.
 * @param believed the authorities that a running stack believes, as PEM
 */
export function strangers({ identities }: GivenCertificates, believed: string): readonly string[] {
  const authorities = parse(believed);
  return [...identities].flatMap(([part, pem]) => {
    const [own, ...between] = parse(pem);
    return own && chainOf(own, between, authorities) ? [] : [part];
  });
}

const parse = (pem: string): readonly X509Certificate[] =>
  pemBlocks(pem).certificates.map((block) => new X509Certificate(block));
