import { createHash } from "node:crypto";
import { pemFaults } from "./pem.ts";
import { subjectOf, textOf, textsOf } from "./read-inputs.ts";
import { resourceOf } from "./resource.ts";
import { certRequestType } from "./types.ts";

export const certRequestResource = resourceOf({
  type: certRequestType,
  faults: (inputs) => pemFaults(inputs, { privateKeyPem: "PRIVATE KEY" }),
  make: async (inputs) => {
    // Most of the plugin's start-up time, for a program that may make nothing at all.
    const { issueRequest } = await import("./issue.ts");
    const request = await issueRequest({
      privateKeyPem: textOf(inputs, "privateKeyPem"),
      subject: subjectOf(inputs),
      dnsNames: textsOf(inputs, "dnsNames"),
      ipAddresses: textsOf(inputs, "ipAddresses"),
    });
    return {
      id: createHash("sha1").update(request.der).digest("hex"),
      outputs: { certRequestPem: request.pem, keyAlgorithm: "ECDSA" },
    };
  },
});
