import { UserError } from "../../lib/errors.ts";
import type { Provider } from "../host/provider.ts";
import { clusterSettingsResource } from "./cluster-settings.ts";
import { etcdUsers } from "./etcd-users.ts";
import { gate } from "./gate.ts";
import { joined } from "./joined.ts";
import { rolePasswords } from "./role-passwords.ts";
import {
  clusterSettingsToken,
  etcdUsersToken,
  gateToken,
  joinedToken,
  packageSchema,
  rolePasswordsToken,
  turnToken,
  version,
  volumeFileToken,
} from "./schema.ts";
import { turn } from "./turn.ts";
import { volumeFile } from "./volume-file.ts";

const resources = new Map([
  [volumeFileToken, volumeFile],
  [gateToken, gate],
  [turnToken, turn],
  [joinedToken, joined],
  [clusterSettingsToken, clusterSettingsResource],
  [etcdUsersToken, etcdUsers],
  [rolePasswordsToken, rolePasswords],
]);

/**
 * What only this project needs of a provider: files in volumes, waits for the cluster, its settings, etcd's users, the
 * roles' passwords.
 */
export const ecosphereProvider: Provider = {
  name: "ecosphere",
  version,
  schema: packageSchema,
  configure: async () => undefined,
  resources,
  unsupported: (token) =>
    new UserError(
      "unknown-type",
      `the ecosphere provider has no type ${token}`,
      `Its types are ${[...resources.keys()].join(", ")}.`,
    ),
};
