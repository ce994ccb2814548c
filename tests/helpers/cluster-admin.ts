import { randomBytes } from "node:crypto";
import { withClient, type Connection } from "../../lib/connection.ts";
import { renderPostBootstrapSql } from "../../lib/cluster-config/patroni.ts";
import type { PostgresServer } from "./postgres-server.ts";

const adminRole = "ecosphere_admin";

/** Makes the admin that the cluster's bootstrap makes: no superuser, but a member of the roles it creates. */
export async function createClusterAdmin(server: PostgresServer): Promise<Connection> {
  const password = randomBytes(12).toString("hex");
  await withClient(server.superuser, "ecosphere-test", (client) =>
    client.query(renderPostBootstrapSql(adminRole, password, randomBytes(12).toString("hex"))),
  );
  return { ...server.superuser, user: adminRole, password };
}
