import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startPgddl, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { readmeProgram } from "../helpers/provider-readme.ts";
import { pulumiProject, type PulumiProject } from "../helpers/pulumi-project.ts";

describe(
  "the examples of the provider's README, in a project that uses it by its path",
  { concurrency: false },
  () => {
    let db: PgddlDatabase;
    let project: PulumiProject;

    before(async () => {
      db = await startPgddl();
      await db.sql(
        "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ddl_admin', current_database()); END $$",
      );
      project = await pulumiProject();
      await project.write(readmeProgram());
      const { host, port, database } = db.server.superuser;
      const config = { host, port: String(port), database, username: "ddl_admin" };
      for (const [key, value] of Object.entries(config)) await project.succeed("config", "set", key, value);
      await project.succeed("config", "set", "--secret", "password", db.password);
    });
    after(async () => {
      await project[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    });

    test("a preview tells the SQL with its locks, and makes nothing", async () => {
      const shown = await project.succeed("preview");
      const attach =
        /ATTACH PARTITION "sales"\."orders_2024".*SHARE UPDATE EXCLUSIVE on sales\.orders; lock_timeout 2 s/;
      assert.match(shown, attach);
      assert.deepEqual(await db.sql("SELECT FROM pg_namespace WHERE nspname = 'sales'"), []);
    });

    test("up makes all of it, and a preview after it shows no change", async () => {
      await project.succeed("up", "--yes", "--skip-preview");
      await project.succeed("preview", "--expect-no-changes");
      const [made] = await db.sql<{ tables: number; partitions: number; keys: number }>(`
      SELECT count(*) FILTER (WHERE NOT relispartition)::int AS tables,
             count(*) FILTER (WHERE relispartition)::int AS partitions,
             (SELECT count(*)::int FROM pg_constraint WHERE conname = 'orders_customer' AND conparentid = 0 AND convalidated) AS keys
        FROM pg_class WHERE relnamespace = 'sales'::regnamespace AND relkind IN ('r', 'p')`);
      // 2024 of orders; of visits January to November 2026 and three months ahead.
      assert.deepEqual(made, { tables: 3, partitions: 15, keys: 1 });
    });

    test("a plain preview shows what was changed by hand, property by property, and up mends it", async () => {
      await db.sql(`
        COMMENT ON TABLE sales.customers IS 'by hand';
        ALTER TABLE sales.customers ALTER joined DROP DEFAULT;
        ALTER TABLE sales.customers ADD nobodys integer`);
      const shown = await project.succeed("preview", "--diff");
      assert.match(shown, /comment: "by hand" => "Whoever has an account"/);
      assert.match(shown, /\+ default\s*: "now\(\)"/);
      const told = await project.succeed("preview");
      assert.match(told, /what no program declares, left alone: column nobodys integer/);
      await project.succeed("up", "--yes", "--skip-preview");
      await project.succeed("preview", "--expect-no-changes");
    });

    test("the password is in neither the state nor what was printed", async () => {
      assert.ok(!(await project.succeed("stack", "export")).includes(db.password));
    });

    test("a table that leaves the program is kept by protect, as the preview says", async () => {
      await project.write(
        readmeProgram()
          .split("new pgddl.Table(")[0]
          ?.replace(/const customers = $/, "") ?? "",
      );
      const { code, output } = await project.pulumi("preview");
      assert.notEqual(code, 0);
      assert.match(output, /protect/);
      await project.write(readmeProgram());
    });

    test("destroy takes away what holds no row", async () => {
      await project.succeed("state", "unprotect", "--all", "--yes");
      await project.succeed("destroy", "--yes", "--skip-preview");
      assert.deepEqual(await db.sql("SELECT FROM pg_namespace WHERE nspname = 'sales'"), []);
    });
  },
);
