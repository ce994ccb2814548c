import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { commerceIndexes } from "../../../lib/commerce-model.ts";
import { parseSettings } from "../../../lib/settings.ts";
import { recordResources, valueOf, registeredOutputs } from "../../helpers/pulumi-mocks.ts";

const recording = recordResources("dev", {
  "random:index/randomPassword:RandomPassword": (name) => ({ result: `secret of ${name}` }),
});
const postgresql = await import("@pulumi/postgresql");
const pgddl = await import("../../../provider/pgddl/sdk.ts");
const { CommerceDatabase } = await import("../../../components/commerce-database.ts");
const { CommerceSchema } = await import("../../../components/commerce-schema.ts");
const { DatabaseRoles } = await import("../../../components/database-roles.ts");

class Cluster extends pulumi.ComponentResource {
  constructor() {
    super("test:index:Cluster", "cluster");
  }
}

const settings = parseSettings(new Map([["partitionTo", "2022-01-01"]]), "dev");
const cluster = new Cluster();
const server = new postgresql.Provider("server", { host: "127.0.0.1" });
const roles = new DatabaseRoles("roles", {
  stack: "dev",
  provider: server,
  passwordVersions: parseSettings(new Map([["passwordVersions", "app=2, seeder=1+"]]), "dev")
    .passwordVersions,
  poolers: [{ host: "127.0.0.1", port: 6432 }],
  ca: pulumi.output("authority"),
  searchPath: "shop",
  cluster,
});
const commerce = new CommerceDatabase("commerce", { provider: server, roles, cluster, isProtected: false });
const schema = new CommerceSchema("schema", {
  provider: new pgddl.Provider("tables", {
    host: "127.0.0.1",
    port: 1,
    database: "e-commerce",
    username: "ecosphere_admin",
    password: "secret",
  }),
  schema: commerce.schema.name,
  seedSchema: commerce.seedSchema.name,
  owner: roles.owner.name,
  settings,
  cluster,
  privileges: commerce.privileges,
});

before(async () => {
  for (const resource of [roles, commerce, schema, ...commerce.privileges]) await valueOf(resource.urn);
  await pulumi.runtime.disconnect();
});

describe("the roles", () => {
  const role = (name: string): Record<string, unknown> => recording.named(`roles-${name}`).inputs;

  test("are groups that cannot log in, and logins that have their rights from one group", () => {
    for (const group of ["owner", "writer", "reader"]) assert.equal(role(group)["login"], false);
    assert.deepEqual(role("app")["roles"], ["commerce_writer"]);
    assert.deepEqual(role("reporting")["roles"], ["commerce_reader"]);
    assert.deepEqual(role("seeder")["roles"], ["commerce_writer", "ecosphere_loader"]);
    assert.deepEqual(role("monitoring")["roles"], ["pg_monitor"]);
  });

  test("have the password of their version each, which no statement of the plugin's carries", async () => {
    const { inputs } = recording.named("roles-passwords");
    assert.deepEqual(inputs["versions"], { app: 2, reporting: 1, seeder: 1, monitoring: 1 });
    const of = (name: string): string => `secret of roles-${name}`;
    const passwords = {
      ...{ app: of("app-password-2"), reporting: of("reporting-password") },
      ...{ seeder: of("seeder-password"), monitoring: of("monitoring-password") },
    };
    const given = JSON.stringify(inputs["passwords"]);
    for (const password of Object.values(passwords)) assert.ok(given.includes(`"${password}"`), password);
    for (const { inputs: all } of recording.ofType("postgresql:index/role:Role")) {
      assert.equal(all["password"], undefined);
    }
    // Made, and told to whoever is to come with it; not in force.
    assert.equal(await valueOf(roles.seeder.nextPassword ?? pulumi.output("")), of("seeder-password-2"));
    assert.equal(roles.app.nextPassword, undefined);
    assert.doesNotMatch(given, /seeder-password-2/);
  });

  test("are not superuser, and may neither replicate nor create roles or databases", () => {
    for (const { inputs } of recording.ofType("postgresql:index/role:Role")) {
      for (const attribute of ["superuser", "replication", "createRole", "createDatabase"]) {
        assert.equal(inputs[attribute], undefined);
      }
    }
  });
});

describe("the database", () => {
  test("is e-commerce, hyphen and all, in UTF-8", () => {
    assert.deepEqual(recording.named("commerce-e-commerce").inputs, {
      name: "e-commerce",
      owner: "commerce_owner",
      encoding: "UTF8",
      lcCollate: "C.UTF-8",
      lcCtype: "C.UTF-8",
      template: "template0",
    });
  });

  test("takes everything from PUBLIC", () => {
    for (const name of ["commerce-public-database", "commerce-public-schema"]) {
      const { inputs } = recording.named(name);
      assert.equal(inputs["role"], "public");
      assert.deepEqual(inputs["privileges"], []);
    }
  });

  test("grants each role what it needs and no more", () => {
    const rights = recording
      .ofType("postgresql:index/defaultPrivileges:DefaultPrivileges")
      .map(
        ({ inputs }) =>
          `${String(inputs["role"])}: ${String(inputs["schema"])} ${String(inputs["objectType"])} ${String(inputs["privileges"])}`,
      );
    assert.deepEqual(rights.sort(), [
      "commerce_reader: seed table SELECT",
      "commerce_reader: shop table SELECT",
      "commerce_writer: shop sequence SELECT,USAGE",
      "commerce_writer: shop table DELETE,INSERT,UPDATE",
      "seeder: seed table DELETE,INSERT,UPDATE",
      "seeder: shop sequence UPDATE",
      "seeder: shop table TRUNCATE",
    ]);
  });
});

describe("the tables", () => {
  test("are nine and the two of the seeds' record, each owned by the group of owners", () => {
    const tables = recording.ofType("pgddl:index:Table");
    assert.deepEqual(
      tables.map(({ name }) => name),
      [
        ...["categories", "inventory", "orderdetails", "orders", "products"],
        ...["reviews", "seed-ranges", "seed-runs", "shipping", "transactions", "users"],
      ],
    );
    for (const { inputs } of tables) assert.equal(inputs["owner"], "commerce_owner");
  });

  test("have users partitioned by year over the configured range", () => {
    assert.deepEqual(
      recording.ofType("pgddl:index:Partition").map(({ name, inputs }) => [name, inputs["bound"]]),
      [
        ["users_2020", { from: ["2020-01-01"], to: ["2021-01-01"] }],
        ["users_2021", { from: ["2021-01-01"], to: ["2022-01-01"] }],
      ],
    );
  });

  test("have an index that begins with the columns of every foreign key, none twice, and those of the queries", () => {
    const columns = (type: string): string[] =>
      recording.ofType(type).map(({ inputs }) => String([inputs["table"], inputs["columns"]]));
    const keys = columns("pgddl:index:ForeignKey");
    assert.equal(keys.length, 9);
    const queries = commerceIndexes.map(({ table, columns: of }) => String([table, of]));
    // The reviews of a product are found by a query's index.
    const own = keys.filter((key) => key !== "reviews,product_id");
    assert.deepEqual(columns("pgddl:index:Index").sort(), [...own, ...queries].sort());
  });

  test("have the queries' indexes with what they store along, of the rows that they are about", () => {
    assert.deepEqual(recording.named("orders_order_date_idx").inputs, {
      schema: "shop",
      table: "orders",
      name: "orders_order_date_idx",
      columns: ["order_date"],
      include: ["order_id", "order_price"],
    });
    assert.equal(recording.named("shipping_open_idx").inputs["where"], "status <> 'Delivered'");
  });
});

test("the database's component registers what it is about", async () => {
  assert.deepEqual(await registeredOutputs(commerce), { database: "e-commerce", schema: "shop" });
});
