import type { X509Certificate } from "node:crypto";

/**
 * The certificates from `leaf` to one of `authorities` that signs itself, the leaf first; undefined when there are none:
 * OpenSSL ends a chain nowhere else.
 * @param between what the part sends along; authorities may stand between, too
 */
export function chainOf(
  leaf: X509Certificate,
  between: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): readonly X509Certificate[] | undefined {
  const roots = authorities.filter((each) => isIssuedBy(each, each));
  const follow = (
    certificate: X509Certificate,
    issuers: readonly X509Certificate[],
  ): readonly X509Certificate[] | undefined => {
    const root = roots.find((each) => isIssuedBy(certificate, each));
    if (root) return [certificate, root];
    for (const issuer of issuers.filter((each) => isIssuedBy(certificate, each))) {
      // Each is used once, so that two which have signed one another end.
      const rest = follow(
        issuer,
        issuers.filter((each) => each !== issuer),
      );
      if (rest) return [certificate, ...rest];
    }
    return undefined;
  };
  return follow(leaf, [...between, ...authorities]);
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
