import type { Properties } from "../host/values.ts";
import { text, whole } from "./describe/property.ts";
import { resources } from "./describe/resources.ts";
import { types } from "./describe/types.ts";

export const packageVersion = "0.1.0";

const connection: Properties = {
  host: text("Host of the unpooled endpoint."),
  port: whole("Port of the unpooled endpoint."),
  database: text("The database that every object is in."),
  username: text("A member of every role that is to own a table."),
  password: { ...text("Its password."), secret: true },
  ca: text("Authorities by which the server is verified over TLS, as PEM. Default: a plain connection."),
  applicationName: text("What pg_stat_activity shows. Default: pgddl."),
};

/** The package described for Pulumi's tools: `pulumi import` and code generation know only what stands here. */
export const packageSchema: Properties = {
  name: "pgddl",
  version: packageVersion,
  description: "Schemas, tables, partitions, indexes and foreign keys of PostgreSQL as resources.",
  config: { variables: connection },
  provider: {
    inputProperties: connection,
    requiredInputs: ["host", "port", "database", "username", "password"],
  },
  resources,
  types,
};
