import { UserError } from "../../lib/errors.ts";
import type { Provider } from "../host/provider.ts";
import { gate } from "./gate.ts";
import { gateToken, packageSchema, version, volumeFileToken } from "./schema.ts";
import { volumeFile } from "./volume-file.ts";

/** What only this project needs of a provider: files in volumes, and the wait for a usable cluster. */
export const ecosphereProvider: Provider = {
  name: "ecosphere",
  version,
  schema: packageSchema,
  configure: async () => undefined,
  resources: new Map([
    [volumeFileToken, volumeFile],
    [gateToken, gate],
  ]),
  unsupported: (token) =>
    new UserError(
      "unknown-type",
      `the ecosphere provider has no type ${token}`,
      `Its types are ${volumeFileToken} and ${gateToken}.`,
    ),
};
