import type { BridgedType, Property } from "../bridged/property.ts";

const text = (description: string): Property => ({ type: "string", description });
const secretPem = (description: string): Property => ({ ...text(description), secret: true });
const replacing = (property: Property): Property => ({ ...property, replaces: true });
const needed = (property: Property): Property => ({ ...property, required: true, replaces: true });

export const privateKeyType: BridgedType = {
  token: "tls:index/privateKey:PrivateKey",
  description: "A private key, made once and kept.",
  deleteBeforeReplace: false,
  properties: {
    algorithm: needed({ ...text("The kind of key. The stand-in makes ECDSA alone."), allowed: ["ECDSA"] }),
    // The official plugin's default is P224, which nobody should use.
    ecdsaCurve: needed({
      ...text("The elliptic curve. The stand-in has P256 and P384."),
      allowed: ["P256", "P384"],
    }),
    rsaBits: replacing({ type: "number", description: "The size of an RSA key.", default: 2048 }),
  },
  outputs: {
    privateKeyOpenssh: secretPem("The private key as OpenSSH writes it."),
    privateKeyPem: secretPem("The private key as PEM."),
    privateKeyPemPkcs8: secretPem("The private key as PEM, by PKCS#8."),
    publicKeyFingerprintMd5: text("The public key's fingerprint, as OpenSSH writes it."),
    publicKeyFingerprintSha256: text("The public key's fingerprint, as OpenSSH writes it."),
    publicKeyOpenssh: text("The public key as OpenSSH writes it."),
    publicKeyPem: text("The public key as PEM."),
  },
};

const names = {
  dnsNames: replacing({ type: "strings", description: "The DNS names that it is for." }),
  ipAddresses: replacing({ type: "strings", description: "The addresses that it is for." }),
  subject: replacing({ type: "map", description: "Whose it is: commonName, organization." }),
} satisfies Record<string, Property>;

const validity = {
  allowedUses: needed({ type: "strings", description: "What the key may be used for." }),
  earlyRenewalHours: {
    type: "number",
    description: "So long before its end it is replaced by the next update.",
    default: 0,
    minimum: 0,
  },
  isCaCertificate: replacing({
    type: "boolean",
    description: "Whether it may sign others.",
    default: false,
  }),
  setSubjectKeyId: replacing({
    type: "boolean",
    description: "Whether it names its key by an identifier.",
    default: false,
  }),
  validityPeriodHours: needed({ type: "number", description: "How long it is valid.", minimum: 0 }),
} satisfies Record<string, Property>;

const validityOutputs = {
  certPem: text("The certificate as PEM."),
  readyForRenewal: { type: "boolean", description: "Whether the time for a new one has come." },
  validityEndTime: text("Until when it is valid."),
  validityStartTime: text("From when on it is valid."),
} satisfies Record<string, Property>;

export const certRequestType: BridgedType = {
  token: "tls:index/certRequest:CertRequest",
  description: "A request for a certificate.",
  deleteBeforeReplace: false,
  properties: { ...names, privateKeyPem: needed(secretPem("The key that the certificate is for.")) },
  outputs: {
    certRequestPem: text("The request as PEM."),
    keyAlgorithm: text("The kind of the key."),
  },
};

export const selfSignedCertType: BridgedType = {
  token: "tls:index/selfSignedCert:SelfSignedCert",
  description: "A certificate that its own key has signed.",
  deleteBeforeReplace: false,
  properties: { ...names, ...validity, privateKeyPem: needed(secretPem("The key.")) },
  outputs: { ...validityOutputs, keyAlgorithm: text("The kind of the key.") },
};

export const locallySignedCertType: BridgedType = {
  token: "tls:index/locallySignedCert:LocallySignedCert",
  description: "A certificate that the key of an authority has signed.",
  deleteBeforeReplace: false,
  properties: {
    ...validity,
    caCertPem: needed(text("The authority's certificate.")),
    caPrivateKeyPem: needed(secretPem("The authority's key.")),
    certRequestPem: needed(text("The request.")),
  },
  outputs: { ...validityOutputs, caKeyAlgorithm: text("The kind of the authority's key.") },
};
