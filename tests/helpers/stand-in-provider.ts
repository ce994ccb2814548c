import type { Connection } from "../../lib/connection.ts";
import type { Properties } from "../../provider/host/values.ts";
import { postgresqlProvider } from "../../toolchain/stand-ins/postgresql/provider.ts";
import { connectProvider, type ProviderClient, type ResourceClient } from "./provider-client.ts";

/** The stand-in for the postgresql plugin, configured as the engine does it: every value is a text. */
export function connectStandIn(connection: Connection, connectTimeoutSeconds = 20): Promise<ProviderClient> {
  return connectProvider(postgresqlProvider(), standInConfig(connection, connectTimeoutSeconds));
}

export function standInConfig(connection: Connection, connectTimeoutSeconds: number): Properties {
  return {
    host: connection.host,
    port: String(connection.port),
    username: connection.user,
    password: connection.password,
    sslmode: "disable",
    superuser: "false",
    connectTimeout: String(connectTimeoutSeconds),
    version: "3.18.1",
  };
}

/** One resource, by the short name of its type. */
export function standInResource(provider: ProviderClient, type: string): ResourceClient {
  const file = type.charAt(0).toLowerCase() + type.slice(1);
  return provider.resource(`postgresql:index/${file}:${type}`);
}
