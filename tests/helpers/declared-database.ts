import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { databaseName } from "../../lib/commerce-model.ts";
import { replicationRole, rewindRole } from "../../lib/cluster-config/topology.ts";
import { withClient, type Connection } from "../../lib/connection.ts";
import { passwordStatements } from "../../lib/cluster/set-passwords.ts";
import { firstPasswords } from "../../lib/password-versions.ts";
import { parseSettings } from "../../lib/settings.ts";
import { isList, type Properties, type Value } from "../../provider/host/values.ts";
import { toProperties } from "../../provider/pgddl/plain-value.ts";
import { createProvider } from "../../provider/pgddl/provider.ts";
import { createClusterAdmin } from "./cluster-admin.ts";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";
import { connectProvider } from "./provider-client.ts";
import { recordResources, valueOf, type Recording } from "./pulumi-mocks.ts";
import { connectStandIn, standInResource } from "./stand-in-provider.ts";

/** A server with exactly the roles, grants and tables that the program declares, made by its own providers. */
export interface DeclaredDatabase extends AsyncDisposable {
  readonly server: PostgresServer;
  /** The superuser and the admin in the database of the shop. */
  readonly superuser: Connection;
  readonly admin: Connection;
  /** One of the logins, by its name. */
  login(name: string): Connection;
}

export async function startDeclaredDatabase(settings: readonly string[] = []): Promise<DeclaredDatabase> {
  const recording = await declare();
  await using made = new AsyncDisposableStack();
  const server = made.use(await startPostgres(settings));
  const admin = await createClusterAdmin(server);
  // What Patroni makes by itself.
  await withClient(server.superuser, "ecosphere-test", (client) =>
    client.query(`CREATE ROLE ${replicationRole} LOGIN REPLICATION;
      GRANT EXECUTE ON FUNCTION pg_read_binary_file(text), pg_ls_dir(text, boolean, boolean) TO ${rewindRole}`),
  );
  await using standIn = await connectStandIn(admin);
  const inputsOf = (type: string): Properties[] =>
    recording.ofType(type).map(({ inputs }) => toProperties(inputs));
  const make = async (type: string, inputs: Properties): Promise<void> => {
    await standInResource(standIn, type).make(inputs);
  };
  for (const role of inDependencyOrder(inputsOf("postgresql:index/role:Role"))) await make("Role", role);
  // What RolePasswords does in the container of a primary.
  const logins = ["app", "reporting", "seeder", "monitoring"];
  const passwords = Object.fromEntries(logins.map((name) => [name, passwordOf(`roles-${name}-password`)]));
  await withClient(server.superuser, "ecosphere-test", (client) =>
    client.query(passwordStatements(passwords).join(";")),
  );
  for (const type of ["Database", "Schema", "Grant", "DefaultPrivileges"]) {
    const file = type.charAt(0).toLowerCase() + type.slice(1);
    for (const inputs of inputsOf(`postgresql:index/${file}:${type}`)) await make(type, inputs);
  }
  const { host, port, user, password } = admin;
  const config = { host, port: String(port), database: databaseName, username: user, password };
  await using tables = await connectProvider(createProvider(), config);
  for (const type of ["Table", "Partition"]) {
    for (const inputs of inputsOf(`pgddl:index:${type}`)) {
      await tables.resource(`pgddl:index:${type}`, textOf(inputs["name"])).make(inputs);
    }
  }
  const owned = made.move();
  return {
    server,
    superuser: { ...server.superuser, database: databaseName },
    admin: { ...admin, database: databaseName },
    login: (name) => ({
      ...admin,
      database: databaseName,
      user: name,
      password: passwordOf(`roles-${name}-password`),
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const salt = randomBytes(12).toString("hex");
const passwordOf = (name: string): string => `${name}-${salt}`;

/** What the components of the database say, recorded. Once a process: the engine's place can be taken once. */
async function declare(): Promise<Recording> {
  const recording = recordResources("dev", {
    "random:index/randomPassword:RandomPassword": (name) => ({ result: passwordOf(name) }),
  });
  const postgresql = await import("@pulumi/postgresql");
  const pgddl = await import("../../provider/pgddl/sdk.ts");
  const { CommerceDatabase } = await import("../../components/commerce-database.ts");
  const { CommerceSchema } = await import("../../components/commerce-schema.ts");
  const { DatabaseRoles } = await import("../../components/database-roles.ts");
  class Cluster extends pulumi.ComponentResource {
    constructor() {
      super("test:index:Cluster", "cluster");
    }
  }
  const cluster = new Cluster();
  const address = { host: "127.0.0.1", port: 1, username: "", password: "" };
  const provider = new postgresql.Provider("server", address);
  const roles = new DatabaseRoles("roles", {
    ...{ stack: "dev", provider, searchPath: "shop", cluster },
    ...{ passwordVersions: firstPasswords, poolers: [], ca: pulumi.output("") },
  });
  const commerce = new CommerceDatabase("commerce", { provider, roles, cluster, isProtected: false });
  const schema = new CommerceSchema("schema", {
    provider: new pgddl.Provider("tables", { ...address, database: databaseName }),
    schema: commerce.schema.name,
    seedSchema: commerce.seedSchema.name,
    owner: roles.owner.name,
    settings: parseSettings(new Map(), "dev"),
    cluster,
    privileges: commerce.privileges,
  });
  for (const resource of [roles, commerce, schema, ...commerce.privileges]) await valueOf(resource.urn);
  await pulumi.runtime.disconnect();
  return recording;
}

/** A role after those that it is a member of. */
function inDependencyOrder(roles: readonly Properties[]): readonly Properties[] {
  const left = [...roles];
  const ordered: Properties[] = [];
  while (left.length > 0) {
    const names = left.map(({ name }) => textOf(name));
    const at = left.findIndex(
      ({ roles: of }) => !isList(of) || !of.some((each) => names.includes(textOf(each))),
    );
    const [next] = at < 0 ? [] : left.splice(at, 1);
    if (!next) throw new Error(`these roles are members of each other: ${names.join(", ")}`);
    ordered.push(next);
  }
  return ordered;
}

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}
