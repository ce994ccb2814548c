import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Database } from "../../provider/pgddl/server/database.ts";
import { quickly, type Statement } from "../../provider/pgddl/plan/statement.ts";
import { LivePlanner } from "../helpers/live-planner.ts";
import { LockEvidence } from "../helpers/lock-evidence.ts";
import { commonSetup, scenarios } from "../helpers/lock-scenarios.ts";
import { startPgddl, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { postgresVersions, whySkip } from "../helpers/postgres-server.ts";

/** All of them on the oldest and the newest version; a third on each one between, another third each time. */
const between = new Map<number, number>([
  [16, 0],
  [17, 1],
]);

for (const version of postgresVersions) {
  const third = between.get(version);
  const chosen = scenarios.filter(
    ({ since = 15 }, at) =>
      version >= since && (third === undefined || since === version || at % 3 === third),
  );
  describe(
    `locks, scans and rewrites are as shown, on PostgreSQL ${version}`,
    { skip: whySkip(version) },
    () => {
      let pgddl: PgddlDatabase;
      let database: Database;
      let evidence: LockEvidence;
      before(async () => {
        pgddl = await startPgddl(version);
        const connection = { ...pgddl.server.superuser, user: "ddl_admin", password: pgddl.password };
        database = new Database(connection, "ecosphere-test");
        evidence = new LockEvidence(connection, pgddl.server.superuser);
        await evidence.open();
      });
      after(async () => {
        await evidence[Symbol.asyncDispose]();
        await database.close();
        await pgddl[Symbol.asyncDispose]();
      });

      const prepare = async (setup: string): Promise<void> => {
        await pgddl.sql(`
        DROP SCHEMA IF EXISTS shop CASCADE;
        CREATE SCHEMA shop AUTHORIZATION shop_owner;
        GRANT ALL ON SCHEMA shop TO other_owner;
        SET ROLE shop_owner; SET search_path = shop;
        ${commonSetup};
        ${setup};
        RESET ROLE; ANALYZE`);
      };

      for (const scenario of chosen) {
        test(scenario.name, async () => {
          await prepare(scenario.setup ?? "");
          const planned = await scenario.plan(new LivePlanner(database));
          assert.ok(planned.plan.length > 0, "there is nothing to look at");
          assert.deepEqual(await evidence.prove(planned.plan), []);
          assert.deepEqual(await planned.again(), []);
        });
      }

      test("what is not so is found", async () => {
        await prepare("");
        const item = { schema: "shop", name: "item" };
        const event = { schema: "shop", name: "event" };
        const found = async (sql: string, rest: Partial<Statement>): Promise<readonly string[]> => {
          const faults = await evidence.prove([
            { isTransaction: true, role: "shop_owner", statements: [quickly(sql, rest)] },
          ]);
          return faults.map((fault) => fault.replace(`${sql}: `, ""));
        };
        const exclusive = { mode: "ACCESS EXCLUSIVE" } as const;
        assert.deepEqual(
          await found("ALTER TABLE shop.line ADD a int", { locks: [{ mode: "SHARE", on: item }] }),
          [
            "says SHARE on shop.item, and takes no lock",
            "takes ACCESS EXCLUSIVE on shop.line, and does not say so",
          ],
        );
        assert.deepEqual(
          await found("ALTER TABLE shop.event ADD a int", { locks: [{ ...exclusive, on: event }] }),
          [
            "takes ACCESS EXCLUSIVE on shop.event_1, and does not say so",
            "takes ACCESS EXCLUSIVE on shop.event_2, and does not say so",
            "takes ACCESS EXCLUSIVE on shop.event_2a, and does not say so",
          ],
        );
        const locks = [{ ...exclusive, on: item }];
        assert.deepEqual(await found("ALTER TABLE shop.item ALTER shelf TYPE bigint", { locks }), [
          "rewrites shop.item, and does not say so",
          "reads every row of shop.item, and does not say so",
        ]);
        assert.deepEqual(await found("ALTER TABLE shop.item ALTER price SET NOT NULL", { locks }), [
          "reads every row of shop.item, and does not say so",
        ]);
        assert.deepEqual(await found("ALTER TABLE shop.item ADD b int", { locks, rewrites: true }), [
          "says that it rewrites, and does not",
          "says that it reads every row, and does not",
        ]);
      });
    },
  );
}
