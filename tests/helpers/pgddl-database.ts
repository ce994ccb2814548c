import { randomBytes } from "node:crypto";
import type { QueryResultRow } from "pg";
import {
  commerceTables,
  foreignKeyName,
  secondaryIndexes,
  type CommerceTable,
} from "../../lib/commerce-model.ts";
import { withClient } from "../../lib/connection.ts";
import { quoteLiteral } from "../../lib/identifier.ts";
import type { Known } from "../../provider/host/provider.ts";
import type { Properties } from "../../provider/host/values.ts";
import { toProperties } from "../../provider/pgddl/plain-value.ts";
import { createProvider } from "../../provider/pgddl/provider.ts";
import { startPostgres, type PostgresServer, type PostgresVersion } from "./postgres-server.ts";
import { connectProvider, type ProviderClient, type ResourceClient } from "./provider-client.ts";

/** The pgddl provider behind gRPC, connected to a server of its own as a role that is no superuser. */
export interface PgddlDatabase extends AsyncDisposable {
  readonly server: PostgresServer;
  readonly client: ProviderClient;
  readonly password: string;
  readonly table: ResourceClient;
  readonly partition: ResourceClient;
  readonly index: ResourceClient;
  readonly foreignKey: ResourceClient;
  /** As the superuser, behind the provider's back. */
  sql<Row extends QueryResultRow>(text: string): Promise<Row[]>;
}

/** What a state would hold of one object. */
export type Made = Known & { readonly id: string };

/** Schema `shop` belongs to `shop_owner`, of which the provider's role `ddl_admin` is a member. */
export async function startPgddl(version?: PostgresVersion): Promise<PgddlDatabase> {
  const server = await startPostgres([], version);
  const password = `p'w-${randomBytes(9).toString("base64url")}`;
  const sql = <Row extends QueryResultRow>(text: string): Promise<Row[]> =>
    withClient(server.superuser, "ecosphere-test", async (client) => (await client.query<Row>(text)).rows);
  const provider = createProvider();
  try {
    await sql(`
      CREATE ROLE shop_owner NOLOGIN;
      CREATE ROLE other_owner NOLOGIN;
      CREATE ROLE ddl_admin LOGIN NOSUPERUSER PASSWORD ${quoteLiteral(password)};
      GRANT shop_owner, other_owner TO ddl_admin;
      CREATE SCHEMA shop AUTHORIZATION shop_owner;
      GRANT ALL ON SCHEMA shop TO other_owner`);
    const { host, port, database } = server.superuser;
    const config = { host, port: String(port), database, username: "ddl_admin", password };
    const client = await connectProvider(provider, config);
    return {
      server,
      client,
      password,
      table: client.resource("pgddl:index:Table", "a-table"),
      partition: client.resource("pgddl:index:Partition", "a-partition"),
      index: client.resource("pgddl:index:Index", "an-index"),
      foreignKey: client.resource("pgddl:index:ForeignKey", "a-key"),
      sql,
      [Symbol.asyncDispose]: async () => {
        await client[Symbol.asyncDispose]();
        await provider.close();
        await server[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** The shop's tables as inputs. */
export function commerceInputs(table: CommerceTable): Properties {
  const { name, columns, checks, comment, partitionBy, primaryKey } = table;
  return toProperties({
    ...{ schema: "shop", name, owner: "shop_owner", columns, primaryKey: { columns: primaryKey } },
    ...{ comment, checks, partitionBy },
  });
}

/** The partitions of users, the indexes and the foreign keys of the shop, as inputs by type. */
export function commerceParts(): Record<"partition" | "index" | "foreignKey", readonly Properties[]> {
  const years = Array.from({ length: 10 }, (_, at) => 2020 + at);
  const keys = commerceTables.flatMap((table) =>
    table.foreignKeys.map((key) => ({ table: table.name, key })),
  );
  return {
    partition: years.map((year) => ({
      ...{ schema: "shop", name: `users_${year}`, parent: "users", owner: "shop_owner" },
      bound: { from: [`${year}-01-01`], to: [`${year + 1}-01-01`] },
    })),
    index: secondaryIndexes.map((index) => ({ schema: "shop", ...index })),
    foreignKey: keys.map(({ table, key }) => ({
      ...{ schema: "shop", table, name: foreignKeyName(table, key), columns: [...key.columns] },
      references: { table: key.table, columns: [...key.referenced] },
    })),
  };
}
