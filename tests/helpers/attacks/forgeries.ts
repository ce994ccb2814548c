import { certificateNames } from "../../../lib/cluster-config/certificates.ts";
import { selfSigned, TestAuthority, type Identity } from "../test-authority.ts";

/** A certificate with an instance's name that nobody may believe. */
export interface Forgery {
  readonly what: string;
  /** Completes "… fails, because …". */
  readonly why: string;
  /** @param authority the stack's own */
  readonly forge: (authority: TestAuthority, part: string) => Promise<Identity>;
  /** What the other side says of it: OpenSSL's words, or Go's. */
  readonly alert: RegExp;
}

const names = (part: string) => certificateNames(part, "127.0.0.1");

export const forgeries: readonly Forgery[] = [
  {
    what: "an expired certificate",
    why: "its time is over, whoever has signed it",
    forge: (authority, part) => authority.issue(part, { ...names(part), fromDay: -9, toDay: -1 }),
    alert: /certificate expired|bad certificate/i,
  },
  {
    what: "a self-signed certificate",
    why: "nobody believes it but its owner",
    forge: (_, part) => selfSigned(part, names(part)),
    alert: /unknown ca|bad certificate/i,
  },
  {
    what: "a certificate by another authority of the same name",
    why: "an authority is known by its key",
    forge: async ({ name }, part) => (await TestAuthority.make(name)).issue(part, names(part)),
    alert: /unknown ca|bad certificate|decrypt error/i,
  },
];

/** One that the stack's authority has signed, for serving alone. */
export const servingAlone: Forgery = {
  what: "a server's certificate",
  why: "it is not for asking",
  forge: (authority, part) => authority.issue(part, { ...names(part), uses: ["server"] }),
  alert: /unsupported certificate|bad certificate|unknown ca|certificate unknown/i,
};
