import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { withClient } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import { eventually } from "../../lib/poll.ts";
import { createProvider } from "../../provider/pgddl/provider.ts";
import { carryOut, crashScenarios, type CrashScenario } from "../helpers/crash-scenarios.ts";
import { CuttingProxy } from "../helpers/cutting-proxy.ts";
import { commonSetup } from "../helpers/lock-scenarios.ts";
import { startPgddl, type Made, type PgddlDatabase } from "../helpers/pgddl-database.ts";
import { postgresVersions, whySkip } from "../helpers/postgres-server.ts";
import { connectProvider, type ProviderClient, type ResourceClient } from "../helpers/provider-client.ts";
import { within } from "../helpers/timeouts.ts";
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
        await carryOut(scenario, resource, start?.inputs, start);
        const points = [...proxy.done];
        const whole = await world.dump();
        assert.ok(points.length > 0 && points.length < mostPoints);
        context.diagnostic(`${points.length} points`);

        for (const [index, statement] of points.entries()) {
          const point = `cut after ${statement}`;
          const known = await prepare(scenario, resource);
          proxy.arm(index + 1);
          const fault = await faultOf(carryOut(scenario, resource, known?.inputs, known));
          assert.notEqual(fault, undefined, `${point} is told`);
          proxy.arm();
          await goOn(scenario, resource, known, `${point}, which gave ${fault ?? ""}`);
          assert.equal(await world.dump(), whole, point);
        }
      });
    }

    for (const scenario of crashScenarios.filter(({ held }) => held !== undefined)) {
      test(`${scenario.name}: ended in the middle of its longest statement, the next update ends it`, async () => {
        const resource = client.resource(`pgddl:index:${scenario.type}`, "a-resource");
        proxy.arm();
        const start = await prepare(scenario, resource);
        await carryOut(scenario, resource, start?.inputs, start);
        const whole = await world.dump();
        const known = await prepare(scenario, resource);
        const fault = await withClient(pgddl.server.superuser, "ecosphere-test", async (holder) => {
          await holder.query(scenario.held ?? "");
          const running = faultOf(carryOut(scenario, resource, known?.inputs, known));
          await endWaiting();
          await holder.query("ROLLBACK");
          return running;
        });
        assert.match(fault ?? "", /terminat/i);
        await goOn(scenario, resource, known, fault ?? "");
        assert.equal(await world.dump(), whole);
      });
    }

    /** Ends the provider's server process when it waits for what is held. */
    const endWaiting = (): Promise<true> =>
      eventually({ what: "the provider to wait", withinMs: within.lockSeen, everyMs: 20 }, async () => {
        const ended = await pgddl.sql(`
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'pgddl' AND cardinality(pg_blocking_pids(pid)) > 0`);
        return ended.length > 0 ? true : undefined;
      });

    /** As the engine does after a failure: reads what the state holds, and carries the same program out again. */
    const goOn = async (
      scenario: CrashScenario,
      resource: ResourceClient,
      start: Made | undefined,
      fault: string,
    ): Promise<void> => {
      const { wanted } = scenario;
      const isKept = !start && wanted && /is made but not finished/.test(fault);
      const known = start
        ? await resource.read(start.id, start)
        : isKept
          ? await resource.read(idOf(wanted({})))
          : undefined;
      const settled = await carryOut(scenario, resource, start?.inputs, known).catch((error: unknown) => {
        throw new Error(`${fault}; then: ${messageOf(error)}`);
      });
      if (!wanted || !settled) return;
      const found = await resource.read(settled.id, settled);
      assert.ok(found);
      assert.deepEqual((await resource.diff(found.id, found, settled.inputs)).changes, {}, fault);
    };
  });
});

async function faultOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );
}

function idOf(inputs: Readonly<Record<string, unknown>>): string {
  const table = "references" in inputs ? `.${String(inputs["table"])}` : "";
  return `${String(inputs["schema"])}${table}.${String(inputs["name"])}`;
}
