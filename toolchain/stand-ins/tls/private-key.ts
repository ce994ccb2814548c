import { createHash, generateKeyPairSync } from "node:crypto";
import { opensshPrivateKey, opensshPublicKey } from "./openssh.ts";
import { textOf } from "./read-inputs.ts";
import { resourceOf } from "./resource.ts";
import { privateKeyType } from "./types.ts";

export const privateKeyResource = resourceOf({
  type: privateKeyType,
  make: async (inputs) => {
    const namedCurve = textOf(inputs, "ecdsaCurve") === "P384" ? "P-384" : "P-256";
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
    const openssh = opensshPublicKey(publicKey);
    const colons = (hex: string): string => (hex.match(/../g) ?? []).join(":");
    const sha256 = createHash("sha256").update(openssh.blob).digest("base64").replaceAll("=", "");
    return {
      id: createHash("sha1")
        .update(publicKey.export({ type: "spki", format: "der" }))
        .digest("hex"),
      outputs: {
        privateKeyOpenssh: opensshPrivateKey(privateKey, openssh),
        privateKeyPem: privateKey.export({ type: "sec1", format: "pem" }).toString(),
        privateKeyPemPkcs8: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        publicKeyFingerprintMd5: colons(createHash("md5").update(openssh.blob).digest("hex")),
        publicKeyFingerprintSha256: `SHA256:${sha256}`,
        publicKeyOpenssh: `${openssh.kind} ${openssh.blob.toString("base64")}\n`,
        publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
      },
    };
  },
});
