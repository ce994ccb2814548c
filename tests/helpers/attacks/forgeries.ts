import { selfSigned, TestAuthority, type CertificateOptions, type Identity } from "../test-authority.ts";

/** A certificate that says what a part's own says, and that nobody may believe. */
export interface Forgery {
  readonly what: string;
  /** Completes "… fails, because …". */
  readonly why: string;
  /** @param authority the one of the part's own @param names the part's own */
  readonly forge: (
    authority: TestAuthority,
    subject: string,
    names: Pick<CertificateOptions, "dnsNames" | "ipAddresses">,
  ) => Promise<Identity>;
  /** What the other side says of it: OpenSSL's words, or Go's. */
  readonly alert: RegExp;
}

export const forgeries: readonly Forgery[] = [
  {
    what: "an expired certificate",
    why: "its time is over, whoever has signed it",
    forge: (authority, subject, names) => authority.issue(subject, { ...names, fromDay: -9, toDay: -1 }),
    alert: /certificate expired|bad certificate/i,
  },
  {
    what: "a self-signed certificate",
    why: "nobody believes it but its owner",
    forge: (_, subject, names) => selfSigned(subject, names),
    alert: /unknown ca|bad certificate/i,
  },
  {
    what: "a certificate by another authority of the same name",
    why: "an authority is known by its key",
    forge: async ({ name }, subject, names) => (await TestAuthority.make(name)).issue(subject, names),
    alert: /unknown ca|bad certificate|decrypt error/i,
  },
];

/** One that the stack's authority has signed, for serving alone. */
export const servingAlone: Forgery = {
  what: "a server's certificate",
  why: "it is not for asking",
  forge: (authority, subject, names) => authority.issue(subject, { ...names, uses: ["server"] }),
  alert: /unsupported certificate|bad certificate|unknown ca|certificate unknown/i,
};
