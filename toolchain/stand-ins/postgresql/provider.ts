import { messageOf, UserError } from "../../../lib/errors.ts";
import type { Context, Provider } from "../../../provider/host/provider.ts";
import { packageSchema } from "../bridged/package-schema.ts";
import type { BridgedType } from "../bridged/property.ts";
import { unsupported } from "../bridged/unsupported.ts";
import { managed, type Operations } from "./managed.ts";
import * as types from "./properties.ts";
import { databaseOperations } from "./resources/database.ts";
import { defaultPrivilegesOperations } from "./resources/default-privileges.ts";
import { extensionOperations } from "./resources/extension.ts";
import { grantOperations } from "./resources/grant.ts";
import { roleOperations } from "./resources/role.ts";
import { schemaOperations } from "./resources/schema.ts";
import { Server } from "./server.ts";
import { parseSettings, settingsFaults } from "./settings.ts";

const name = "postgresql";
/** Of the official plugin whose place this takes. */
const version = "3.18.1";

const operationsByType: readonly (readonly [BridgedType, (server: Server) => Operations])[] = [
  [types.roleType, roleOperations],
  [types.databaseType, databaseOperations],
  [types.schemaType, schemaOperations],
  [types.grantType, grantOperations],
  [types.defaultPrivilegesType, defaultPrivilegesOperations],
  [types.extensionType, extensionOperations],
];

/** A stand-in for the official postgresql plugin, where that cannot be downloaded. */
export function postgresqlProvider(): Provider {
  // Check comes before Configure, and asks for nothing that is on a server.
  let server = new Server(parseSettings({}));
  let hasWarned = false;
  // Once: forty resources of a server that is down say nothing that one does not say.
  const warnDown = (context: Context, error: unknown): void => {
    if (!hasWarned) context.warn(`${messageOf(error)}; what the state holds is taken as it is`);
    hasWarned = true;
  };
  return {
    name,
    version,
    schema: packageSchema(
      name,
      version,
      operationsByType.map(([type]) => type),
    ),
    secretConfig: ["password"],
    checkConfig: settingsFaults,
    configure: async (config) => {
      const [fault] = settingsFaults(config);
      if (fault) throw new UserError("config", `postgresql:${fault.property} ${fault.reason}`);
      server = new Server(parseSettings(config));
    },
    resources: new Map(
      operationsByType.map(([type, operations]) => [
        type.token,
        managed(type, () => operations(server), warnDown),
      ]),
    ),
    unsupported: unsupported(
      name,
      version,
      operationsByType.map(([type]) => type.token),
    ),
  };
}
