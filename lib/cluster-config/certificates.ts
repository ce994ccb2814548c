import { configFolder } from "./topology.ts";

/** The authorities that every part of the stack believes, one certificate after the other. */
export const caFile = "ca.pem";
/** A part's own certificate and its key, in one file: a reader finds both of them or neither. */
export const identityFile = "tls.pem";

/** Where a part finds what it needs for TLS. A renderer that is given none writes a file without TLS. */
export interface TlsFiles {
  readonly ca: string;
  readonly identity: string;
}

export const tlsFiles: TlsFiles = {
  ca: `${configFolder}/${caFile}`,
  identity: `${configFolder}/${identityFile}`,
};

/** What a client of etcd shows it: certificate, key, and behind them the authorities that etcd is verified by. */
export const etcdClientFile = "etcd.pem";
/** The certificate by which commands in etcd's own containers are the user `root`. */
export const etcdRootFile = "root.pem";
/** The key that etcd's members sign tokens with, the same for all of them. */
export const etcdTokenFile = "tokens.pem";
/** The name that members of etcd have in their certificates, and nobody else: by it they take each other for members. */
export const etcdMemberName = "etcd-member";

const day = 24;

/** Hours that a part's certificate is valid, and hours before its end from which on an update replaces it. */
export const certificateLife = { validHours: 90 * day, renewalHours: 30 * day } as const;

/** The authority's own: it is not renewed but rotated, so that both are believed for a while. */
export const authorityLife = { validHours: 3650 * day } as const;

/** What a part's certificate says of it. */
export interface CertificateNames {
  readonly subject: { readonly commonName: string } | { readonly organizationalUnit: string };
  readonly dnsNames: string[];
  readonly ipAddresses: string[];
}

/**
 * The names by which a part is reached: in the stack's networks, from inside its own container, and from the host by
 * a published port. PgBouncer reaches PostgreSQL by HAProxy, which listens on 127.0.0.1 beside it; so that address is in
 * the certificates of what publishes a port, and in no other.
 * @param bindAddress absent for a part that publishes nothing
 */
export function certificateNames(part: string, bindAddress?: string): CertificateNames {
  const published = bindAddress === undefined ? [] : ["127.0.0.1", bindAddress];
  return {
    subject: { commonName: part },
    dnsNames: [part, "localhost"],
    ipAddresses: [...new Set(published)].filter((address) => address !== "0.0.0.0"),
  };
}

/**
 * The names in a certificate by etcd's own authority. None but root's has a common name: etcd takes that for the name of
 * a user, and refuses its JSON gateway, by which Patroni and the sentinel ask, to whoever has one.
 * @param part one of etcd's members, one of its clients, or `root`
 */
export function etcdCertificateNames(part: string): CertificateNames {
  if (part === "root") return { subject: { commonName: part }, dnsNames: [part], ipAddresses: [] };
  const isMember = /^etcd-\d+$/.test(part);
  // Its own name first: members look names up until one has the address that they see.
  const dnsNames = isMember ? [part, "localhost", etcdMemberName] : [part];
  return { subject: { organizationalUnit: part }, dnsNames, ipAddresses: [] };
}

/** The authorities of a stack, by number: all are believed, the first one signs. */
export type Authorities = readonly [signing: number, other?: number];

export function signs([signing]: Authorities): number {
  return signing;
}

/** Reads the key `authorities`; undefined when it is none. */
export function parseAuthorities(text: string): Authorities | undefined {
  const [, first = "", second] = /^([1-9]\d{0,3})(?: ([1-9]\d{0,3}))?$/.exec(text) ?? [];
  if (first === "" || first === second) return undefined;
  return second === undefined ? [Number(first)] : [Number(first), Number(second)];
}

/**
 * The steps from here to an authority alone that signs everything: believed first by everybody, then it signs, then
 * the old one is believed no more. A rotation that was begun is ended, from the step that it was at.
 */
export function rotationFrom([signing, other]: Authorities): readonly Authorities[] {
  if (other !== undefined && other < signing) return [[signing, other], [signing]];
  const next = other ?? signing + 1;
  return [[signing, next], [next, signing], [next]];
}
