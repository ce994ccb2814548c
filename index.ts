import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { CommerceDatabase } from "./components/commerce-database.ts";
import { CommerceSchema } from "./components/commerce-schema.ts";
import { DatabaseRoles } from "./components/database-roles.ts";
import { PostgresCluster } from "./components/postgres-cluster.ts";
import { readCertificates, readConfig } from "./config.ts";
import { writeCa } from "./lib/ca-file.ts";
import { databaseName, schemaName } from "./lib/commerce-model.ts";
import { addressesOf } from "./lib/connection.ts";
import * as pgddl from "./provider/pgddl/sdk.ts";

const settings = readConfig();

const cluster = new PostgresCluster("cluster", {
  stack: pulumi.getStack(),
  settings,
  given: readCertificates(settings),
});

const connection = {
  host: cluster.gate.host,
  port: cluster.gate.port,
  username: cluster.admin.user,
  password: cluster.admin.password,
};
const server = new postgresql.Provider("server", {
  ...connection,
  sslmode: "verify-full",
  // That provider reads it from a file.
  sslrootcert: cluster.ca.apply((pem) => writeCa(pulumi.getStack(), pem)),
  superuser: false,
  connectTimeout: 60,
});
const roles = new DatabaseRoles("roles", {
  stack: pulumi.getStack(),
  provider: server,
  passwordVersions: settings.passwordVersions,
  poolers: [cluster.rw, cluster.ro].flatMap(addressesOf),
  ca: cluster.ca,
  searchPath: schemaName,
  cluster,
});
const commerce = new CommerceDatabase("commerce", {
  provider: server,
  roles,
  cluster,
  isProtected: settings.isProtected,
});
new CommerceSchema("schema", {
  // The plain name, so that the provider is there as soon as the gate is open.
  provider: new pgddl.Provider("tables", { ...connection, ca: cluster.ca, database: databaseName }),
  schema: commerce.schema.name,
  seedSchema: commerce.seedSchema.name,
  owner: roles.owner.name,
  settings,
  cluster,
  privileges: commerce.privileges,
});

export const rw = { ...cluster.rw, database: databaseName };
export const ro = { ...cluster.ro, database: databaseName };
export const admin = {
  host: cluster.gate.host,
  port: cluster.gate.port,
  alternatives: cluster.gate.port.apply((port) =>
    cluster.adminAddresses.filter((address) => address.port !== port),
  ),
  database: databaseName,
};
export const instances = cluster.instances;
export const { ca } = cluster;
export const credentials = pulumi.secret({
  admin: cluster.admin,
  app: roles.app,
  reporting: roles.reporting,
  seeder: roles.seeder,
  monitoring: roles.monitoring,
});
