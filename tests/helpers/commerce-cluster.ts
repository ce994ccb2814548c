import type { StackOutputs } from "../../lib/stack-outputs.ts";
import { silentProgress } from "../../scripts/seed/progress.ts";
import { seed } from "../../scripts/seed/seed.ts";
import {
  copyCommerceDatabase,
  createCommerceDatabase,
  createCommerceRoles,
  type CommerceDatabase,
} from "./commerce-database.ts";
import { startReplica, type PostgresReplica } from "./postgres-replica.ts";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";

/** A primary, a streaming replica, and a seeded database to copy and break. */
export interface CommerceCluster extends AsyncDisposable {
  readonly primary: PostgresServer;
  readonly replica: PostgresReplica;
  readonly original: CommerceDatabase;
  /** A copy that the replica has, too. */
  copy(): Promise<CommerceDatabase>;
  /** rw and admin on the primary `pg-1`, ro on the replica `pg-2`. */
  outputsOf(database: CommerceDatabase): StackOutputs;
}

export async function startCommerceCluster(): Promise<CommerceCluster> {
  await using started = new AsyncDisposableStack();
  const primary = started.use(await startPostgres());
  const credentials = await createCommerceRoles(primary.superuser);
  const original = await createCommerceDatabase(primary.superuser, credentials);
  await seedShop(original);
  const replica = started.use(await startReplica(primary, "pg-2"));
  const owned = started.move();
  let copies = 0;
  return {
    primary,
    replica,
    original,
    copy: async () => {
      const database = await copyCommerceDatabase(original, primary.superuser, `shop-${++copies}`);
      await replica.caughtUp();
      return database;
    },
    outputsOf: ({ stack }) => {
      const { host, port } = replica.superuser;
      const instances = [...stack.instances, { name: "pg-2", host, port }];
      return { ...stack, ro: { ...stack.ro, host, port }, instances };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The default seed of a fixed day. */
export async function seedShop(database: CommerceDatabase): Promise<void> {
  await seed(database.stack, { asOf: "2026-11-22" }, { progress: silentProgress });
}
