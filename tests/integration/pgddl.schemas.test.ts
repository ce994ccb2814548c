import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Properties } from "../../provider/host/values.ts";
import { startPgddl, type Made, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import type { ResourceClient } from "../helpers/provider-client.ts";

describe("schemas", () => {
  let database: PgddlDatabase;
  let schema: ResourceClient;
  before(async () => {
    database = await startPgddl();
    await database.sql("GRANT CREATE ON DATABASE postgres TO ddl_admin");
    schema = database.client.resource("pgddl:index:Schema", "a-schema");
  });
  after(() => database[Symbol.asyncDispose]());

  const changes = async (state: Made, inputs: Properties): Promise<string[]> =>
    Object.keys((await schema.diff(state.id, state, inputs)).changes);
  const update = async (state: Made, inputs: Properties): Promise<Made> => {
    const { outputs } = await schema.update(state.id, state, inputs);
    assert.deepEqual(await changes({ id: state.id, inputs, outputs }, inputs), []);
    return { id: state.id, inputs, outputs };
  };

  test("a schema is made, changed in place, renamed and dropped", async () => {
    const inputs = { name: 'My "Shop"', owner: "shop_owner", comment: "what's sold" };
    let state: Made = await schema.make(inputs);
    assert.deepEqual(await changes(state, inputs), []);
    assert.deepEqual((await schema.read(state.id))?.inputs, inputs);
    const moved = { name: "store", renamedFrom: 'My "Shop"', owner: "other_owner" };
    assert.deepEqual((await changes(state, moved)).sort(), ["comment", "name", "owner"]);
    await assert.rejects(changes(state, { name: "store" }), /renamedFrom: "My \\"Shop\\""/);
    state = { ...(await update(state, moved)), id: "store" };
    await database.sql("COMMENT ON SCHEMA store IS 'by hand'; ALTER SCHEMA store RENAME TO depot");
    const found = await schema.read(state.id, state);
    assert.equal(found?.id, "depot");
    assert.deepEqual(found.inputs, { ...moved, name: "depot", comment: "by hand" });
    await schema.delete(found.id, found);
    assert.deepEqual(await database.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'depot'"), []);
  });

  test("one that is there is taken over only when asked to", async () => {
    await database.sql("CREATE SCHEMA taken AUTHORIZATION shop_owner");
    await assert.rejects(
      schema.make({ name: "taken" }),
      /pulumi import pgddl:index:Schema a-schema taken, or adopt: true/,
    );
    const state = await schema.make({ name: "taken", adopt: true, comment: "mine" });
    assert.deepEqual(await changes(state, state.inputs), []);
    assert.deepEqual(await database.sql("SELECT obj_description('taken'::regnamespace) AS is"), [
      { is: "mine" },
    ]);
    await schema.delete(state.id, state);
  });

  test("one with anything in it is not dropped, and what that is is said", async () => {
    const state = await schema.make({ name: "full", owner: "shop_owner" });
    await database.sql(`
      CREATE TABLE "full".t (id serial PRIMARY KEY);
      CREATE TYPE "full".mood AS ENUM ('good');
      CREATE FUNCTION "full".f() RETURNS int LANGUAGE sql AS 'SELECT 1';
      ALTER DEFAULT PRIVILEGES IN SCHEMA "full" GRANT SELECT ON TABLES TO other_owner`);
    const contents = /function "full"\.f\(\), sequence "full"\.t_id_seq, table "full"\.t, type "full"\.mood/;
    await assert.rejects(schema.delete(state.id, state), contents);
    await database.sql('DROP TABLE "full".t; DROP TYPE "full".mood; DROP FUNCTION "full".f()');
    await schema.delete(state.id, state);
  });

  test("the server's own schemas are refused", async () => {
    const { faults } = await schema.check({ name: "information_schema" });
    assert.deepEqual(
      faults.map(({ property }) => property),
      ["name"],
    );
  });
});
