import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { messageOf } from "../../lib/errors.ts";
import { createProvider } from "../../provider/pgddl/provider.ts";
import { carryOut, crashScenarios, type CrashScenario } from "../helpers/crash-scenarios.ts";
import { CuttingProxy } from "../helpers/cutting-proxy.ts";
import { commonSetup } from "../helpers/lock-scenarios.ts";
import { startPgddl, type Made, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { postgresVersions, whySkip } from "../helpers/postgres-server.ts";
import { connectProvider, type ProviderClient, type ResourceClient } from "../helpers/provider-client.ts";
import { RandomWorld } from "../helpers/random-world.ts";

const versions = postgresVersions.filter((version) => whySkip(version) === false);

/** One that ends, at most: a plan has far fewer statements. */
const mostPoints = 60;

versions.forEach((version, at) => {
  // Each scenario on one version: what a cut leaves behind does not depend on it.
  const scenarios = crashScenarios.filter((_, index) => index % versions.length === at);
  describe(`a connection that is cut after any statement, on PostgreSQL ${version}`, () => {
    let pgddl: PgddlDatabase;
    let proxy: CuttingProxy;
    let world: RandomWorld;
    let client: ProviderClient;
    const provider = createProvider();
    before(async () => {
      pgddl = await startPgddl(version);
      const { host, port, database } = pgddl.server.superuser;
      proxy = new CuttingProxy({ host, port });
      const config = { host: "127.0.0.1", port: String(await proxy.listen()), database };
      client = await connectProvider(provider, {
        ...config,
        username: "ddl_admin",
        password: pgddl.password,
      });
      world = new RandomWorld(pgddl.server, database, client);
    });
    after(async () => {
      await client[Symbol.asyncDispose]();
      await provider.close();
      await proxy[Symbol.asyncDispose]();
      await pgddl[Symbol.asyncDispose]();
    });

    const prepare = async (scenario: CrashScenario, resource: ResourceClient): Promise<Made | undefined> => {
      await world.reset();
      await pgddl.sql(`SET ROLE shop_owner; SET search_path = shop; ${commonSetup}; ${scenario.setup ?? ""}`);
      return scenario.id === undefined ? undefined : resource.read(scenario.id);
    };

    for (const scenario of scenarios) {
      test(`${scenario.name}: the next update ends it`, async (context) => {
        const resource = client.resource(`pgddl:index:${scenario.type}`, "a-resource");
        const start = await prepare(scenario, resource);
        proxy.arm();
        await carryOut(scenario, resource, start);
        const points = [...proxy.done];
        const whole = await world.dump();
        assert.ok(points.length > 0 && points.length < mostPoints);
        context.diagnostic(`${points.length} points`);

        for (const [index, statement] of points.entries()) {
          const point = `cut after ${statement}`;
          let known = await prepare(scenario, resource);
          proxy.arm(index + 1);
          const fault = await carryOut(scenario, resource, known).then(
            () => undefined,
            (error: unknown) => messageOf(error),
          );
          assert.notEqual(fault, undefined, `${point} is told`);
          proxy.arm();
          // The engine reads what the state holds before it changes anything.
          if (known) known = await resource.read(known.id, known);
          if (!known && scenario.wanted && /is made but not finished/.test(fault ?? "")) {
            known = await resource.read(idOf(scenario.wanted({})));
          }
          const settled = await carryOut(scenario, resource, known).catch((error: unknown) => {
            throw new Error(`${point}, which gave ${fault ?? ""}: ${messageOf(error)}`);
          });
          assert.equal(await world.dump(), whole, point);
          if (!scenario.wanted || !settled) continue;
          const found = await resource.read(settled.id, settled);
          assert.ok(found);
          assert.deepEqual((await resource.diff(found.id, found, settled.inputs)).changes, {}, point);
        }
      });
    }
  });
});

function idOf(inputs: Readonly<Record<string, unknown>>): string {
  const table = "references" in inputs ? `.${String(inputs["table"])}` : "";
  return `${String(inputs["schema"])}${table}.${String(inputs["name"])}`;
}
