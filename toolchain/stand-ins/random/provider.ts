import type { Provider } from "../../../provider/host/provider.ts";
import { packageSchema } from "../bridged/package-schema.ts";
import { unsupported } from "../bridged/unsupported.ts";
import { passwordType } from "./password-type.ts";
import { passwordResource } from "./password.ts";

const name = "random";
/** Of the official plugin whose place this takes. */
const version = "4.21.2";

/** A stand-in for the official random plugin, where that cannot be downloaded. */
export function randomProvider(): Provider {
  return {
    name,
    version,
    schema: packageSchema(name, version, [passwordType]),
    configure: async () => undefined,
    resources: new Map([[passwordType.token, passwordResource]]),
    unsupported: unsupported(name, version, [passwordType.token]),
  };
}
