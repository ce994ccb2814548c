import { messageOf, UserError, type Fault } from "../../lib/errors.ts";
import type { Connection } from "../../lib/connection.ts";
import type { Context, Provider, Resource } from "../host/provider.ts";
import { unknown, type Properties, type Value } from "../host/values.ts";
import { Database } from "./server/database.ts";
import { foreignKeyKind } from "./kinds/foreign-key-kind.ts";
import { indexKind } from "./kinds/index-kind.ts";
import { LifeCycle } from "./kinds/life-cycle.ts";
import { packageSchema, packageVersion } from "./package-schema.ts";
import { partitionKind } from "./kinds/partition-kind.ts";
import { partitionSetKind } from "./kinds/partition-set-kind.ts";
import { schemaKind } from "./kinds/schema-kind.ts";
import { tableKind } from "./kinds/table-kind.ts";

const required = ["host", "port", "database", "username", "password"] as const;
const known: readonly string[] = [...required, "ca", "applicationName", "version", "pluginDownloadURL"];

/** The provider, not yet connected to anything; `close` ends what it has opened since. */
export function createProvider(): Provider & { close(): Promise<void> } {
  let configured: Database | undefined;
  const database = (): Database => {
    if (!configured) throw new Error("the pgddl provider is not configured");
    return configured;
  };
  let hasWarned = false;
  // Once: forty objects of a server that is down say nothing that one does not say.
  const warnDown = (context: Context, error: unknown): void => {
    if (!hasWarned) context.warn(`${messageOf(error)}; what the state holds is taken as it is`);
    hasWarned = true;
  };
  return {
    name: "pgddl",
    version: packageVersion,
    schema: packageSchema,
    secretConfig: ["password"],
    checkConfig,
    configure: async (config) => {
      const [fault] = checkConfig(config);
      if (fault) throw new UserError("config", `${fault.property} ${fault.reason}`);
      await configured?.close();
      configured = new Database(connectionOf(config), textOf(config["applicationName"]) || "pgddl");
    },
    resources: new Map<string, Resource>([
      ["pgddl:index:Schema", new LifeCycle(schemaKind, database, warnDown)],
      ["pgddl:index:Table", new LifeCycle(tableKind, database, warnDown)],
      ["pgddl:index:Partition", new LifeCycle(partitionKind, database, warnDown)],
      ["pgddl:index:PartitionSet", new LifeCycle(partitionSetKind, database, warnDown)],
      ["pgddl:index:Index", new LifeCycle(indexKind, database, warnDown)],
      ["pgddl:index:ForeignKey", new LifeCycle(foreignKeyKind, database, warnDown)],
    ]),
    unsupported: (token) =>
      new UserError(
        "type",
        `pgddl has no resource type ${token}`,
        "It has pgddl:index:Schema, Table, Partition, PartitionSet, Index and ForeignKey.",
      ),
    close: async () => {
      await configured?.close();
    },
  };
}

function checkConfig(config: Properties): readonly Fault[] {
  const faults: Fault[] = [];
  for (const property of required) {
    const value = config[property];
    if (value === unknown) continue;
    if (textOf(value) === "") faults.push({ property, reason: "is missing; give it to the provider" });
  }
  const port = config["port"];
  const number = Number(textOf(port));
  if (
    port !== unknown &&
    textOf(port) !== "" &&
    !(Number.isInteger(number) && number >= 1 && number <= 65_535)
  ) {
    faults.push({ property: "port", reason: `is "${textOf(port)}"; give a whole number from 1 to 65535` });
  }
  for (const property of Object.keys(config)) {
    if (known.includes(property)) continue;
    faults.push({
      property,
      reason: `is not known; the provider takes ${[...required, "ca", "applicationName"].join(", ")}`,
    });
  }
  return faults;
}

function connectionOf(config: Properties): Connection {
  return {
    host: textOf(config["host"]),
    port: Number(textOf(config["port"])),
    database: textOf(config["database"]),
    user: textOf(config["username"]),
    password: textOf(config["password"]),
    ca: textOf(config["ca"]) || undefined,
  };
}

/** The engine hands numbers on as they are or as texts. */
function textOf(value: Value | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
