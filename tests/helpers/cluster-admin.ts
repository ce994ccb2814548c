import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withClient, type Connection } from "../../lib/connection.ts";
import { renderPostBootstrapSql } from "../../lib/cluster-config/patroni.ts";
import { projectRoot } from "../../lib/paths.ts";
import { verifierFor } from "../../lib/scram.ts";
import type { PostgresServer } from "./postgres-server.ts";

const adminRole = "ecosphere_admin";

const lockFunctions = join(projectRoot, "images/rootfs/usr/local/share/ecosphere/lock-functions.sql");

/** Makes the admin that the cluster's bootstrap makes: no superuser, but a member of the roles it creates. */
export async function createClusterAdmin(server: PostgresServer): Promise<Connection> {
  const password = randomBytes(12).toString("hex");
  await withClient(server.superuser, "ecosphere-test", (client) =>
    client.query(
      `${renderPostBootstrapSql(adminRole)}ALTER ROLE ${adminRole} PASSWORD '${verifierFor(adminRole, password)}'`,
    ),
  );
  const sql = readFileSync(lockFunctions, "utf8");
  const asSuperuser = (database: string, text: string): Promise<unknown> =>
    withClient({ ...server.superuser, database }, "ecosphere-test", (client) => client.query(text));
  await asSuperuser("postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS true");
  for (const database of ["postgres", "template1", "template0"]) await asSuperuser(database, sql);
  await asSuperuser("postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS false");
  return { ...server.superuser, user: adminRole, password };
}
