import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { projectRoot } from "../../lib/paths.ts";
import { startPgddl, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { programHead, pulumiProject, type PulumiProject } from "../helpers/pulumi-project.ts";

const stateSchema = z.object({
  deployment: z.object({
    resources: z.array(
      z.object({
        urn: z.string(),
        type: z.string(),
        id: z.string().optional(),
        inputs: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
});

const pluginPath = join(projectRoot, "provider", "pgddl", "pulumi-resource-pgddl");

/** One object of each type: its id, and an input that tells that it was read. */
const imports: readonly (readonly [type: string, id: string, property: string, value: unknown])[] = [
  ["Schema", "shop", "comment", "Everything sold"],
  ["Table", "shop.events", "primaryKey", { name: "events_pkey", columns: ["id", "at"] }],
  ["Partition", "shop.events_2024", "bound", { from: ["2024-01-01 00:00:00"], to: ["2025-01-01 00:00:00"] }],
  ["PartitionSet", "shop.counted", "interval", 1000],
  ["Index", 'shop."Events by at"', "columns", ["at"]],
  ["ForeignKey", "shop.notes.notes_event", "references", { table: "events", columns: ["id", "at"] }],
];

describe("pulumi import, by the real CLI", { concurrency: false }, () => {
  let db: PgddlDatabase;
  let project: PulumiProject;
  let program = "";

  before(async () => {
    db = await startPgddl();
    await db.sql(`
      COMMENT ON SCHEMA shop IS 'Everything sold';
      SET ROLE shop_owner; SET search_path = shop;
      CREATE TABLE events (id bigint NOT NULL, at timestamp NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE TABLE notes (event_id bigint, event_at timestamp, note text);
      ALTER TABLE notes ADD CONSTRAINT notes_event FOREIGN KEY (event_id, event_at) REFERENCES events (id, at);
      CREATE INDEX "Events by at" ON events (at);
      CREATE TABLE counted (n integer NOT NULL) PARTITION BY RANGE (n);
      CREATE TABLE counted_0 PARTITION OF counted FOR VALUES FROM (0) TO (1000);
      CREATE TABLE counted_1000 PARTITION OF counted FOR VALUES FROM (1000) TO (2000)`);
    project = await pulumiProject({ PGPASSWORD: db.password });
    const { host, port, database } = db.server.superuser;
    const config = { host, port: String(port), database, username: "ddl_admin" };
    for (const [key, value] of Object.entries(config)) {
      await project.succeed("config", "set", `pgddl:${key}`, value);
    }
    await project.succeed("config", "set", "--secret", "pgddl:password", db.password);
  });
  after(async () => {
    await project[Symbol.asyncDispose]();
    await db[Symbol.asyncDispose]();
  });

  const state = async () =>
    stateSchema
      .parse(JSON.parse(await project.succeed("stack", "export")))
      .deployment.resources.filter(({ type }) => type.startsWith("pgddl:"));

  for (const [type, id, property, value] of imports) {
    test(`takes over a ${type} by its id`, async () => {
      const options = ["--generate-code=false", "--protect=false", "--yes"];
      await project.succeed("import", `pgddl:index:${type}`, `the-${type}`, id, ...options);
      const found = (await state()).find((each) => each.urn.endsWith(`::the-${type}`));
      assert.equal(found?.id, id);
      assert.deepEqual(found.inputs?.[property], value);
    });
  }

  test("what was taken over, written as a program, previews without a change", async () => {
    const taken = await state();
    assert.equal(taken.length, imports.length);
    const lines = taken.map(({ urn, type, inputs }) => {
      const name = JSON.stringify(urn.split("::").at(-1));
      return `new pgddl.${type.split(":").at(-1) ?? ""}(${name}, ${JSON.stringify(inputs)});`;
    });
    program = ['import * as pgddl from "pgddl";', ...lines].join("\n");
    await project.write(program);
    await project.succeed("preview", "--expect-no-changes");
  });

  test("an id that names nothing is refused by its name, and one of the wrong form with the form", async () => {
    const options = ["--generate-code=false", "--yes"];
    const missing = await project.pulumi("import", "pgddl:index:Table", "no", "shop.no", ...options);
    assert.notEqual(missing.code, 0);
    assert.match(missing.output, /shop\.no/);
    const wrong = await project.pulumi("import", "pgddl:index:ForeignKey", "no", "shop.no", ...options);
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.output, /schema\.table\.constraint/);
  });

  test("the CLI describes the package, so code can be generated for it", async () => {
    const described = z
      .object({ name: z.string(), resources: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(await project.succeed("package", "get-schema", pluginPath)));
    assert.equal(described.name, "pgddl");
    for (const [type] of imports) assert.ok(described.resources[`pgddl:index:${type}`], type);
  });

  test("a provider of the program's own can be named", async () => {
    const head = programHead({ ...db.server.superuser, user: "ddl_admin" });
    await project.write(head + program.replace(/^import .*/, ""));
    await project.succeed("up", "--yes", "--skip-preview");
    const urn = "urn:pulumi:test::other::pulumi:providers:pgddl::pg";
    const options = ["--provider", `pg=${urn}`, "--generate-code=false", "--yes"];
    await project.succeed("import", "pgddl:index:Table", "notes", "shop.notes", ...options);
  });
});
