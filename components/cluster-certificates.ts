import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import {
  authorityLife,
  caFile,
  certificateLife,
  identityFile,
  type Authorities,
  type CertificateNames,
} from "../lib/cluster-config/certificates.ts";
import type { GivenCertificates } from "../lib/given-certificates/read.ts";
import type { PartFile } from "./cluster-part.ts";

export interface ClusterCertificatesArgs {
  /** The authority's name, before its number. */
  readonly authority: string;
  /** The authorities to believe; the first one signs. */
  readonly authorities: Authorities;
  /** Who has a certificate, and what it says of them. */
  readonly parts: readonly (CertificateNames & { readonly name: string })[];
  /** In place of all that would be made. */
  readonly given?: GivenCertificates | undefined;
}

/**
 * An authority, and a certificate by it for each part, for serving and for asking. In its last
 * third a certificate is replaced by the next update, for the same key: so no reader ever finds a certificate and a
 * key that do not belong together. Or the certificates that were given, and no resource for them.
 */
export class ClusterCertificates extends pulumi.ComponentResource {
  /** The authorities to believe, as PEM. No secret. */
  readonly ca: pulumi.Output<string>;

  readonly #identities: ReadonlyMap<string, pulumi.Output<string>>;

  constructor(name: string, args: ClusterCertificatesArgs, options?: pulumi.ComponentResourceOptions) {
    super("ecosphere:cluster:Certificates", name, {}, options);
    const { ca, identities } = args.given ? secretly(args.given) : makeCertificates(name, args, this);
    this.ca = ca;
    this.#identities = identities;
    this.registerOutputs({ ca });
  }

  /**
   * The files that a part needs for TLS: the authorities, and its own certificate with the key.
   * @param signals on which the part reads one of them again, if not on its own
   */
  filesOf(
    part: string,
    signals: { readonly ca?: string; readonly identity?: string } = {},
  ): readonly PartFile[] {
    return [
      { path: caFile, content: this.ca, reloadSignal: signals.ca },
      { path: identityFile, content: this.identityOf(part), reloadSignal: signals.identity },
    ];
  }

  /** A part's own certificate and its key, as PEM. Secret. */
  identityOf(part: string): pulumi.Output<string> {
    const identity = this.#identities.get(part);
    if (!identity) throw new Error(`${part} has no certificate`);
    return identity;
  }
}

/** An elliptic key on P-256, of somebody or for something. Secret. */
export function makeKey(owner: string, parent: pulumi.Resource): tls.PrivateKey {
  return new tls.PrivateKey(`${owner}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent });
}

interface Certificates {
  readonly ca: pulumi.Output<string>;
  /** By part: its certificate and its key. Secret. */
  readonly identities: ReadonlyMap<string, pulumi.Output<string>>;
}

function secretly({ ca, identities }: GivenCertificates): Certificates {
  const secrets = [...identities].map(([part, pem]) => [part, pulumi.secret(pem)] as const);
  return { ca: pulumi.output(ca), identities: new Map(secrets) };
}

function makeCertificates(
  name: string,
  { authority: authorityName, authorities, parts }: ClusterCertificatesArgs,
  parent: pulumi.Resource,
): Certificates {
  const authorityOf = (number: number) => {
    // The first one has no number: most stacks never have another.
    const own = number === 1 ? "authority" : `authority-${number}`;
    const { privateKeyPem } = makeKey(`${name}-${own}`, parent);
    const { certPem } = new tls.SelfSignedCert(
      `${name}-${own}`,
      {
        privateKeyPem,
        subject: { commonName: `${authorityName} ${number}`, organization: "EcoSphere" },
        isCaCertificate: true,
        allowedUses: ["cert_signing", "crl_signing"],
        validityPeriodHours: authorityLife.validHours,
      },
      { parent },
    );
    return { certPem, privateKeyPem };
  };
  const [signing, other] = authorities;
  const authority = authorityOf(signing);
  const others = other === undefined ? [] : [{ number: other, ...authorityOf(other) }];
  // In the order of their numbers: who signs makes no difference to who believes.
  const believed = [{ number: signing, ...authority }, ...others].sort((a, b) => a.number - b.number);
  const ca = pulumi
    .all(believed.map(({ certPem }) => certPem))
    .apply((certificates) => certificates.join(""));

  const identityOf = ({
    name: part,
    subject,
    dnsNames,
    ipAddresses,
  }: ClusterCertificatesArgs["parts"][number]): pulumi.Output<string> => {
    const { privateKeyPem } = makeKey(`${name}-${part}`, parent);
    const request = new tls.CertRequest(
      `${name}-${part}-request`,
      { privateKeyPem, subject: { ...subject, organization: "EcoSphere" }, dnsNames, ipAddresses },
      { parent },
    );
    const certificate = new tls.LocallySignedCert(
      `${name}-${part}`,
      {
        certRequestPem: request.certRequestPem,
        caCertPem: authority.certPem,
        caPrivateKeyPem: authority.privateKeyPem,
        // Who serves one part asks another: there is one certificate for both.
        allowedUses: ["digital_signature", "server_auth", "client_auth"],
        validityPeriodHours: certificateLife.validHours,
        earlyRenewalHours: certificateLife.renewalHours,
      },
      { parent },
    );
    return pulumi.interpolate`${certificate.certPem}${privateKeyPem}`;
  };
  return { ca, identities: new Map(parts.map((part) => [part.name, identityOf(part)] as const)) };
}
