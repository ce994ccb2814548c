import type { Provider } from "../../../provider/host/provider.ts";
import { packageSchema } from "../bridged/package-schema.ts";
import { unsupported } from "../bridged/unsupported.ts";
import { certRequestResource } from "./cert-request.ts";
import { locallySignedCertResource, selfSignedCertResource } from "./certificate.ts";
import { privateKeyResource } from "./private-key.ts";
import { certRequestType, locallySignedCertType, privateKeyType, selfSignedCertType } from "./types.ts";

const name = "tls";
/** Of the official plugin whose place this takes. */
const version = "5.6.1";

const types = [privateKeyType, selfSignedCertType, certRequestType, locallySignedCertType];

/** A stand-in for the official tls plugin, where that cannot be downloaded. */
export function tlsProvider(): Provider {
  return {
    name,
    version,
    schema: packageSchema(name, version, types),
    configure: async () => undefined,
    resources: new Map([
      [privateKeyType.token, privateKeyResource],
      [selfSignedCertType.token, selfSignedCertResource],
      [certRequestType.token, certRequestResource],
      [locallySignedCertType.token, locallySignedCertResource],
    ]),
    unsupported: unsupported(
      name,
      version,
      types.map(({ token }) => token),
    ),
  };
}
