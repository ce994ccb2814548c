import assert from "node:assert/strict";
import { messageOf } from "../../lib/errors.ts";
import { createProvider } from "../../provider/pgddl/provider.ts";
import { startPgddl, type Made, type PgddlDatabase } from "./pgddl-database.ts";
import type { PostgresVersion } from "./postgres-server.ts";
import { connectProvider, type ProviderClient, type ResourceClient } from "./provider-client.ts";
import { mutate } from "./random-change.ts";
import { resourcesOf, type Model, type ModelPartition, type ModelResource } from "./random-model.ts";
import { SchemaMaker } from "./random-schema.ts";
import { RandomWorld } from "./random-world.ts";
import { RandomSource } from "./random-source.ts";

/** How a pair of schemas went: `refused` leaves the database as it was. */
export interface RoundTrip {
  readonly seed: number;
  /** What was changed on the way there. */
  readonly what: readonly string[];
  readonly there: "applied" | "refused";
  /** Undefined when there was no way there. */
  readonly back: "applied" | "refused" | undefined;
  /** Why, when it was refused. */
  readonly refusals: readonly string[];
}

/** What a Pulumi state would hold, by the key of each resource. */
type State = ReadonlyMap<string, Made>;

/** Makes pairs of random schemas and goes from one to the other and back, on one server. */
export class RoundTrips implements AsyncDisposable {
  readonly #pgddl: PgddlDatabase;
  readonly #live: RandomWorld;
  readonly #fresh: RandomWorld;
  readonly #provider: ReturnType<typeof createProvider>;

  static async start(version: PostgresVersion): Promise<RoundTrips> {
    const pgddl = await startPgddl(version);
    await pgddl.sql("CREATE DATABASE fresh");
    const provider = createProvider();
    const { host, port } = pgddl.server.superuser;
    const config = {
      host,
      port: String(port),
      database: "fresh",
      username: "ddl_admin",
      password: pgddl.password,
    };
    return new RoundTrips(pgddl, provider, await connectProvider(provider, config));
  }

  private constructor(
    pgddl: PgddlDatabase,
    provider: ReturnType<typeof createProvider>,
    fresh: ProviderClient,
  ) {
    this.#pgddl = pgddl;
    this.#provider = provider;
    this.#live = new RandomWorld(pgddl.server, "postgres", pgddl.client);
    this.#fresh = new RandomWorld(pgddl.server, "fresh", fresh);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fresh.client[Symbol.asyncDispose]();
    await this.#provider.close();
    await this.#pgddl[Symbol.asyncDispose]();
  }

  /** @throws with the seed, when a pair is neither refused nor applied as it should be */
  async run(seed: number): Promise<RoundTrip> {
    const make = new SchemaMaker(new RandomSource(seed));
    const a = make.schema();
    const { model: b, what } = mutate(a, make);
    try {
      await this.#live.reset();
      const made = await this.#make(this.#live, a, true);
      await this.#expectSettled(this.#live, a, made);
      await this.#expectImportable(a, made);
      const there = await this.#go(a, b, made);
      if ("refusal" in there)
        return { seed, what, there: "refused", back: undefined, refusals: [there.refusal] };
      const back = await this.#go(b, a, there.state);
      const refusals = "refusal" in back ? [back.refusal] : [];
      return { seed, what, there: "applied", back: refusals.length > 0 ? "refused" : "applied", refusals };
    } catch (error) {
      throw new Error(`seed ${seed} (${what.join(", ")}): ${messageOf(error)}`, { cause: error });
    }
  }

  /** Brings the live schema from one model to the other, and compares it with one that was made from the other. */
  async #go(
    from: Model,
    to: Model,
    state: State,
  ): Promise<{ readonly state: State } | { readonly refusal: string }> {
    const before = await this.#live.dump();
    const rows = await this.#countRows(from);
    const wanted = resourcesOf(to, from);
    const refusal = await this.#preview(wanted, state);
    if (refusal !== undefined) {
      assert.equal(await this.#live.dump(), before, "a refusal changes nothing");
      return { refusal };
    }
    const after = await this.#apply(wanted, state);
    if ("refusal" in after) return after;
    const gone = from.partitions.filter(({ key }) => !to.partitions.some((each) => each.key === key));
    const detached = await this.#takeAway(gone);
    for (const table of to.tables) {
      const old = rows.get(table.key) ?? 0;
      const now = (await this.#live.count(table.name)) + (detached.get(table.key) ?? 0);
      assert.equal(now, old, `rows of ${table.name}`);
    }
    await this.#expectSettled(this.#live, to, after.state, from);
    await this.#fresh.reset();
    await this.#make(this.#fresh, to, false);
    assert.equal(await this.#live.dump(), await this.#fresh.dump(), "the schema is that of a fresh one");
    return after;
  }

  async #make(world: RandomWorld, model: Model, withRows: boolean): Promise<State> {
    const state = new Map<string, Made>();
    const resources = resourcesOf(model);
    let hasRows = !withRows;
    for (const resource of resources) {
      const isStored = resource.type === "table" || resource.type === "partition";
      if (!isStored && !hasRows) {
        await world.insert(model);
        hasRows = true;
      }
      state.set(resource.key, await clientOf(world, resource).make(resource.inputs));
    }
    if (!hasRows) await world.insert(model);
    return state;
  }

  /** The first refusal that a preview would show. */
  async #preview(wanted: readonly ModelResource[], state: State): Promise<string | undefined> {
    for (const resource of wanted) {
      const known = state.get(resource.key);
      if (!known) continue;
      const refusal = await refusalOf(clientOf(this.#live, resource).diff(known.id, known, resource.inputs));
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** As the engine does: what is made and changed in the order of the program, then what goes, the other way round. */
  async #apply(
    wanted: readonly ModelResource[],
    state: State,
  ): Promise<{ readonly state: State } | { readonly refusal: string }> {
    const after = new Map<string, Made>();
    for (const resource of wanted) {
      const { inputs } = resource;
      const client = clientOf(this.#live, resource);
      const known = state.get(resource.key);
      const refusal = await refusalOf(
        (async () => {
          if (!known) after.set(resource.key, await client.make(inputs));
          else if (Object.keys((await client.diff(known.id, known, inputs)).changes).length === 0) {
            after.set(resource.key, { ...known, inputs });
          } else {
            const { outputs } = await client.update(known.id, known, inputs);
            after.set(resource.key, { id: known.id, inputs, outputs });
          }
        })(),
      );
      if (refusal !== undefined) return { refusal };
    }
    for (const [key, known] of [...state].reverse()) {
      if (after.has(key)) continue;
      const refusal = await refusalOf(clientOf(this.#live, { type: typeOf(known) }).delete(known.id, known));
      if (refusal !== undefined) return { refusal };
    }
    return { state: after };
  }

  /** Read finds what is there as it is wanted, and the next diff is empty. */
  async #expectSettled(world: RandomWorld, model: Model, state: State, before?: Model): Promise<void> {
    for (const resource of resourcesOf(model, before)) {
      const known = state.get(resource.key);
      assert.ok(known);
      const client = clientOf(world, resource);
      const found = await client.read(known.id, known);
      assert.ok(found, `${known.id} is read`);
      assert.deepEqual(found.inputs, known.inputs, `${known.id} is read as it is wanted`);
      const { changes } = await client.diff(found.id, found, resource.inputs);
      assert.deepEqual(changes, {}, `${known.id} needs no change`);
    }
  }

  /** What an import finds needs no change by the program that made it. */
  async #expectImportable(model: Model, state: State): Promise<void> {
    for (const resource of resourcesOf(model)) {
      const client = clientOf(this.#live, resource);
      const found = await client.read(state.get(resource.key)?.id ?? "");
      assert.ok(found);
      const { changes } = await client.diff(found.id, found, resource.inputs);
      assert.deepEqual(changes, {}, `${found.id}, imported, needs no change`);
    }
  }

  async #countRows(model: Model): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const { key, name } of model.tables) counts.set(key, await this.#live.count(name));
    return counts;
  }

  /** Drops what partitions that are no resources any more have left behind. @returns its rows, by table */
  async #takeAway(gone: readonly ModelPartition[]): Promise<ReadonlyMap<string, number>> {
    const rows = new Map<string, number>();
    for (const { name, table } of gone) {
      rows.set(table, (rows.get(table) ?? 0) + (await this.#live.takeAway(name)));
    }
    return rows;
  }
}

const tokens = {
  table: "pgddl:index:Table",
  partition: "pgddl:index:Partition",
  index: "pgddl:index:Index",
  foreignKey: "pgddl:index:ForeignKey",
} as const;

function clientOf(
  { client }: RandomWorld,
  { type, key }: Pick<ModelResource, "type"> & { key?: string },
): ResourceClient {
  return client.resource(tokens[type], key ?? "subject");
}

function typeOf({ inputs }: Made): ModelResource["type"] {
  if ("references" in inputs) return "foreignKey";
  if ("parent" in inputs) return "partition";
  return "table" in inputs ? "index" : "table";
}

/** The text of a refusal; undefined when there was none. Any other fault is thrown. */
async function refusalOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    const message = messageOf(error);
    if (/refused, nothing was changed|holds rows|still has partitions/.test(message)) return message;
    throw error;
  }
}
