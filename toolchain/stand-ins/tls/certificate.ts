import type { Properties } from "../../../provider/host/values.ts";
import type { Issued, Validity } from "./issue.ts";
import { pemFaults } from "./pem.ts";
import { numberOf, subjectOf, textOf, textsOf } from "./read-inputs.ts";
import { resourceOf } from "./resource.ts";
import { locallySignedCertType, selfSignedCertType } from "./types.ts";

export const selfSignedCertResource = resourceOf({
  type: selfSignedCertType,
  faults: (inputs) => pemFaults(inputs, { privateKeyPem: "PRIVATE KEY" }),
  make: async (inputs) => {
    const { issueSelfSigned } = await import("./issue.ts");
    const certificate = await issueSelfSigned({
      ...validityOf(inputs),
      privateKeyPem: textOf(inputs, "privateKeyPem"),
      subject: subjectOf(inputs),
      dnsNames: textsOf(inputs, "dnsNames"),
      ipAddresses: textsOf(inputs, "ipAddresses"),
    });
    return { id: certificate.serial, outputs: { ...outputsOf(certificate), keyAlgorithm: "ECDSA" } };
  },
  refresh: withReadiness,
});

export const locallySignedCertResource = resourceOf({
  type: locallySignedCertType,
  faults: (inputs) =>
    pemFaults(inputs, {
      caCertPem: "CERTIFICATE",
      caPrivateKeyPem: "PRIVATE KEY",
      certRequestPem: "CERTIFICATE REQUEST",
    }),
  make: async (inputs) => {
    const { issueSigned } = await import("./issue.ts");
    const certificate = await issueSigned({
      ...validityOf(inputs),
      requestPem: textOf(inputs, "certRequestPem"),
      authorityPem: textOf(inputs, "caCertPem"),
      authorityKeyPem: textOf(inputs, "caPrivateKeyPem"),
    });
    return { id: certificate.serial, outputs: { ...outputsOf(certificate), caKeyAlgorithm: "ECDSA" } };
  },
  refresh: withReadiness,
});

function validityOf(inputs: Properties): Validity {
  return {
    hours: numberOf(inputs, "validityPeriodHours"),
    allowedUses: textsOf(inputs, "allowedUses"),
    isAuthority: inputs.isCaCertificate === true,
    hasKeyId: inputs.setSubjectKeyId === true,
  };
}

function outputsOf({ pem, notBefore, notAfter }: Issued): Properties {
  return {
    certPem: pem,
    readyForRenewal: false,
    validityEndTime: timestamp(notAfter),
    validityStartTime: timestamp(notBefore),
  };
}

/** A certificate that is past its end, or in the time before it that was set for its renewal. */
function withReadiness(outputs: Properties): Properties {
  const end = Date.parse(textOf(outputs, "validityEndTime"));
  const early = numberOf(outputs, "earlyRenewalHours") * 3_600_000;
  return Date.now() >= end - early ? { ...outputs, readyForRenewal: true } : outputs;
}

function timestamp(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
