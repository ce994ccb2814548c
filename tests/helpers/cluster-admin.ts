import { randomBytes } from "node:crypto";
import { withClient, type Connection } from "../../lib/connection.ts";
import { quoteLiteral } from "../../lib/identifier.ts";
import type { PostgresServer } from "./postgres-server.ts";

/** Makes the admin that the cluster's bootstrap makes: no superuser, but a member of the roles it creates. */
export async function createClusterAdmin(server: PostgresServer): Promise<Connection> {
  const password = randomBytes(12).toString("hex");
  await withClient(server.superuser, "ecosphere-test", async (client) => {
    await client.query(
      `CREATE ROLE ecosphere_admin LOGIN NOSUPERUSER CREATEROLE CREATEDB PASSWORD ${quoteLiteral(password)}`,
    );
    await client.query("ALTER ROLE ecosphere_admin SET createrole_self_grant = 'set, inherit'");
    await client.query("GRANT pg_monitor TO ecosphere_admin WITH ADMIN OPTION");
  });
  return { ...server.superuser, user: "ecosphere_admin", password };
}
