import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type { Connection } from "../../../lib/connection.ts";
import type { Fault } from "../../../lib/errors.ts";
import { unknown, type Properties, type Value } from "../../../provider/host/values.ts";

/** The provider's configuration, parsed. */
export interface Settings {
  /** To the database that holds nothing of the program's: `postgres`, unless configured. */
  readonly connection: Connection;
  readonly tls: ConnectionOptions | false;
  readonly connectTimeoutMs: number;
  /** To one database. */
  readonly maxConnections: number;
}

const sslModes = ["disable", "require", "verify-ca", "verify-full"];
const understood = [
  ...["host", "port", "database", "username", "password", "sslmode", "sslMode", "sslrootcert", "superuser"],
  ...["connectTimeout", "maxConnections", "expectedVersion", "databaseUsername", "scheme", "version"],
];

/** All faults of a configuration whose values came as texts or as themselves. */
export function settingsFaults(config: Properties): readonly Fault[] {
  const faults: Fault[] = [];
  const fault = (property: string, reason: string): void => void faults.push({ property, reason });
  for (const name of Object.keys(config)) {
    if (!understood.includes(name) && !name.startsWith("__") && name !== "pluginDownloadURL") {
      fault(name, "is not in the built-in stand-in; remove it, or install the official postgresql plugin");
    }
  }
  const atLeast = { port: 1, connectTimeout: 0, maxConnections: 0 };
  for (const [name, least] of Object.entries(atLeast)) {
    const value = config[name];
    if (isAbsent(value)) continue;
    const number = numberOf(value);
    if (!Number.isInteger(number) || number < least || (name === "port" && number > 65_535)) {
      const most = name === "port" ? " to 65535" : " or more";
      fault(name, `${JSON.stringify(value)} is not allowed; give a whole number of ${least}${most}`);
    }
  }
  const mode = config.sslmode ?? config.sslMode;
  if (!isAbsent(mode) && !sslModes.includes(textOf(mode, ""))) {
    fault("sslmode", `${JSON.stringify(mode)} is not allowed; give one of ${sslModes.join(", ")}`);
  }
  if (textOf(config.scheme, "postgres") !== "postgres") {
    fault("scheme", "only postgres is in the built-in stand-in; install the official postgresql plugin");
  }
  return faults;
}

/** Reads a configuration without faults. The defaults are the official plugin's, `connectTimeout` in seconds. */
export function parseSettings(config: Properties): Settings {
  return {
    connection: {
      host: textOf(config.host, "localhost"),
      port: numberOf(config.port, 5432),
      database: textOf(config.database, "postgres"),
      user: textOf(config.username, "postgres"),
      password: textOf(config.password, ""),
    },
    tls: tlsOptions(
      textOf(config.sslmode ?? config.sslMode, "require"),
      textOf(config.sslrootcert, ""),
      textOf(config.host, "localhost"),
    ),
    // Zero is "for ever" to the official plugin, which would hang a run on a server that never comes.
    connectTimeoutMs: (numberOf(config.connectTimeout, 180) || 180) * 1000,
    // A change that no transaction may hold needs a second connection beside the one with the lock.
    maxConnections: Math.max(2, Math.min(numberOf(config.maxConnections, 20) || 20, 5)),
  };
}

function tlsOptions(mode: string, rootCertificate: string, host: string): ConnectionOptions | false {
  if (mode === "disable") return false;
  const ca = rootCertificate === "" ? {} : { ca: readFileSync(rootCertificate, "utf8") };
  if (mode === "require") return { ...ca, rejectUnauthorized: false };
  // Without the host, an address would be taken for "localhost".
  return mode === "verify-ca" ? { ...ca, checkServerIdentity: () => undefined } : { ...ca, host };
}

function isAbsent(value: Value | undefined): boolean {
  return value === undefined || value === null || value === unknown || value === "";
}

/** The engine hands every provider setting over as a text, numbers included. */
function numberOf(value: Value | undefined, otherwise = Number.NaN): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value.trim() !== "" ? Number(value) : otherwise;
}

function textOf(value: Value | undefined, otherwise: string): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : otherwise;
}
