import { messageOf, UserError } from "../../../lib/errors.ts";
import {
  Unfinished,
  type Change,
  type Checked,
  type Context,
  type Created,
  type Diff,
  type Found,
  type Known,
  type Resource,
} from "../../host/provider.ts";
import { isSame, unknown, type Properties } from "../../host/values.ts";
import type { Database, Session } from "../server/database.ts";
import { renderRefusals, type Difference } from "../plan/difference.ts";
import { execute } from "../server/execute.ts";
import type { Kind, Questions, Recorded } from "./kind.ts";
import { formatId, parseId } from "../object-id.ts";
import { toProperties } from "../plain-value.ts";
import { isDatabaseGone, isUnreachable } from "../server/sql-fault.ts";
import { renderPlan, type Plan } from "../plan/statement.ts";
import { askServer } from "../catalogue/server-words.ts";

/** The life-cycle that all types share; what is different about them is in their `Kind`. */
export class LifeCycle<Spec extends object, Live extends object, Facts> implements Resource {
  readonly #kind: Kind<Spec, Live, Facts>;
  readonly #database: () => Database;
  readonly #warnDown: (context: Context, error: unknown) => void;
  /** By URN, the inputs before a refresh: see `diff`. */
  readonly #refreshed = new Map<string, Properties>();

  /**
   * @param database the configured one; throws before the provider is configured
   * @param warnDown told when a read fell back on what the state holds
   */
  constructor(
    kind: Kind<Spec, Live, Facts>,
    database: () => Database,
    warnDown: (context: Context, error: unknown) => void,
  ) {
    this.#kind = kind;
    this.#database = database;
    this.#warnDown = warnDown;
  }

  async check(news: Properties): Promise<Checked> {
    return { inputs: news, faults: this.#kind.parse(news).faults };
  }

  async diff({ id, old, news }: Change, context: Context): Promise<Diff> {
    // After a refresh the engine asks what the unchanged program would do, only to show the drift. A refusal
    // there would stop refresh and destroy; the question that counts is asked again later.
    const isShown = this.#isRefresh(context.urn, news);
    const wanted = this.#kind.parse(news).spec;
    const recorded = this.#recorded(old);
    if (!wanted || !recorded) return { changes: byKey(old.inputs, news) };
    let difference: Difference;
    try {
      difference = await this.#kind.difference(
        recorded.catalog,
        recorded,
        wanted,
        this.#ask(wanted, context),
      );
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      context.warn(`${messageOf(error)}; what the change means is told when it answers`);
      return { changes: byKey(old.inputs, news) };
    }
    if (!isShown) this.#refuse(parseId(id, this.#kind.idForm), difference);
    return { changes: new Map(difference.changes.map(({ path, kind }) => [path, kind])) };
  }

  async create(inputs: Properties, preview: boolean, context: Context): Promise<Created> {
    const { spec } = this.#kind.parse(inputs);
    if (!spec) return { id: unknown, outputs: { ...inputs, catalog: unknown, plannedSql: unknown } };
    const parts = this.#kind.idOf(spec);
    const found = await this.#lookAround(spec, parts, preview, context);
    if (found?.live && !this.#kind.isLeftover(found.live, spec)) throw this.#exists(parts, context);
    const plan = this.#kind.planCreate(spec, found?.facts, found?.live);
    if (preview) return { id: unknown, outputs: { ...inputs, ...showPlan(plan, context) } };
    const id = formatId(parts);
    let done = found?.live ? 1 : 0;
    try {
      await execute(plan, this.#database(), {
        object: this.#name(parts),
        signal: context.signal,
        timeoutMs: context.timeoutMs,
        onStepDone: () => (done += 1),
      });
      return { id, outputs: await this.#outputs(inputs, parts, [spec], context) };
    } catch (error) {
      if (done === 0) throw error;
      const message = `${explained(error)}\n${this.#name(parts)} is made but not finished; the next update goes on.`;
      const outputs = await this.#outputs(inputs, parts, [spec], context).catch(() => inputs);
      throw new Unfinished(id, outputs, message);
    }
  }

  async read(id: string, known: Known | undefined, context: Context): Promise<Found | undefined> {
    const parts = parseId(id, this.#kind.idForm);
    if (known) this.#refreshed.set(context.urn, known.inputs);
    let live: Live | undefined;
    try {
      live = await this.#database().read((session) => this.#kind.read(session, parts));
    } catch (error) {
      if (isDatabaseGone(error)) return undefined;
      if (!known || !isUnreachable(error)) throw error;
      this.#warnDown(context, error);
      return { id, ...known };
    }
    if (!live) return undefined;
    const beyond = this.#kind.beyondSpec(live);
    if (beyond !== undefined) {
      context.warn(`${this.#name(parts)} has what no property here can say and is left as it is: ${beyond}`);
    }
    const spec = known && this.#kind.parse(known.inputs).spec;
    if (!spec) {
      const inputs = toProperties(this.#kind.adopt(live));
      return { id, inputs, outputs: { ...inputs, catalog: toProperties(live) } };
    }
    const managed = this.#kind.manage(live, [spec]);
    if (managed.extras.length > 0) {
      context.warn(
        `${this.#name(parts)} has what no program declares, left alone: ${managed.extras.join(", ")}`,
      );
    }
    const catalog = this.#kind.catalog.safeParse(known.outputs["catalog"]).data ?? managed.live;
    const drifted = toProperties(this.#kind.drift({ spec, catalog }, managed.live));
    const inputs = isSame(drifted, toProperties(spec)) ? known.inputs : drifted;
    return { id, inputs, outputs: { ...inputs, catalog: toProperties(managed.live) } };
  }

  async update({ id, old, news }: Change, preview: boolean, context: Context): Promise<Properties> {
    const wanted = this.#kind.parse(news).spec;
    const recorded = this.#recorded(old);
    if (!wanted) return { ...news, catalog: unknown, plannedSql: unknown };
    const parts = parseId(id, this.#kind.idForm);
    const live = await this.#liveOr(recorded?.catalog, parts, preview, context);
    const specs = [...(recorded ? [recorded.spec] : []), wanted];
    const managed = this.#kind.manage(live, specs).live;
    const difference = await this.#kind.difference(
      managed,
      recorded ?? { spec: wanted, catalog: managed },
      wanted,
      this.#ask(wanted, context),
    );
    this.#refuse(parts, difference);
    if (preview) return { ...news, ...showPlan(difference.plan, context) };
    await execute(difference.plan, this.#database(), {
      object: this.#name(parts),
      signal: context.signal,
      timeoutMs: context.timeoutMs,
    });
    return this.#outputs(news, parts, [wanted], context);
  }

  async delete(id: string, _known: Known, context: Context): Promise<void> {
    const parts = parseId(id, this.#kind.idForm);
    try {
      const live = await this.#live(parts, false, context);
      if (!live) return;
      await execute(this.#kind.planDrop(live), this.#database(), {
        object: this.#name(parts),
        signal: context.signal,
        timeoutMs: context.timeoutMs,
      });
    } catch (error) {
      if (!isDatabaseGone(error)) throw error;
    }
  }

  #isRefresh(urn: string, news: Properties): boolean {
    const before = this.#refreshed.get(urn);
    this.#refreshed.delete(urn);
    return before !== undefined && isSame(before, news);
  }

  #recorded(old: Known): Recorded<Spec, Live> | undefined {
    const { spec } = this.#kind.parse(old.inputs);
    const catalog = this.#kind.catalog.safeParse(old.outputs["catalog"]).data;
    return spec && catalog ? { spec, catalog } : undefined;
  }

  #ask(spec: Spec, context: Context): Questions<Facts> {
    const database = this.#database;
    return {
      facts: () => database().read((session) => this.#kind.facts(session, spec)),
      read: (work) => database().read(work),
      words: (table) => askServer(database(), table, context.signal),
    };
  }

  /** The object itself and what is around it; undefined in a preview that cannot reach the server. */
  async #lookAround(
    spec: Spec,
    parts: readonly string[],
    preview: boolean,
    context: Context,
  ): Promise<{ live: Live | undefined; facts: Facts | undefined } | undefined> {
    try {
      return await this.#query(preview, context, async (session) => ({
        live: await this.#kind.read(session, parts),
        facts: await this.#kind.facts(session, spec),
      }));
    } catch (error) {
      if (!preview || !(isUnreachable(error) || isDatabaseGone(error))) throw error;
      context.warn(`${messageOf(error)}; the plan is that for a new, empty database`);
      return undefined;
    }
  }

  async #liveOr(
    recorded: Live | undefined,
    parts: readonly string[],
    preview: boolean,
    context: Context,
  ): Promise<Live> {
    let live: Live | undefined;
    try {
      live = await this.#live(parts, preview, context);
    } catch (error) {
      if (!preview || !recorded || !isUnreachable(error)) throw error;
      context.warn(`${messageOf(error)}; the plan is that for what was there last`);
      return recorded;
    }
    if (live) return live;
    throw new UserError(
      "gone",
      `${this.#name(parts)} is not there any more, so it cannot be changed`,
      "Run `pulumi refresh`: the next update makes it anew, without its rows.",
    );
  }

  async #outputs(
    inputs: Properties,
    parts: readonly string[],
    specs: readonly Spec[],
    context: Context,
  ): Promise<Properties> {
    const live = await this.#live(parts, false, context);
    if (!live) throw new UserError("gone", `${this.#name(parts)} was dropped by somebody else meanwhile`);
    return { ...inputs, catalog: toProperties(this.#kind.manage(live, specs).live) };
  }

  #live(parts: readonly string[], preview: boolean, context: Context): Promise<Live | undefined> {
    return this.#query(preview, context, (session) => this.#kind.read(session, parts));
  }

  #query<T>(preview: boolean, context: Context, work: (session: Session) => Promise<T>): Promise<T> {
    const database = this.#database();
    return preview ? database.read(work) : database.readPatiently(context.signal, work);
  }

  #refuse(parts: readonly string[], { refusals }: Difference): void {
    if (refusals.length > 0) throw new UserError("refused", renderRefusals(this.#name(parts), refusals));
  }

  #exists(parts: readonly string[], context: Context): UserError {
    const resource = context.urn.split("::").at(-1) ?? "NAME";
    const command = `pulumi import pgddl:index:${this.#kind.type} ${quoteForShell(resource)} ${quoteForShell(formatId(parts))}`;
    return new UserError(
      "exists",
      `${this.#name(parts)} exists already and is not taken over unasked`,
      `Take it over: ${command}. Or drop or rename it first.`,
    );
  }

  #name(parts: readonly string[]): string {
    return `${this.#kind.noun} ${formatId(parts)}`;
  }
}

/** The outputs of a preview. The engine prints no outputs then, so what locks anything is said as a message too. */
function showPlan(plan: Plan, context: Context): Properties {
  const plannedSql = renderPlan(plan);
  const isHarmless = plan.every((step) => step.statements.every((statement) => !statement.lock));
  if (!isHarmless) context.info(plannedSql.join("\n"));
  return { catalog: unknown, plannedSql };
}

function byKey(old: Properties, news: Properties): Diff["changes"] {
  const keys = new Set([...Object.keys(old), ...Object.keys(news)]);
  return new Map(
    [...keys].flatMap((key) => {
      if (isSame(old[key], news[key])) return [];
      return [[key, old[key] === undefined ? "add" : news[key] === undefined ? "delete" : "update"] as const];
    }),
  );
}

function explained(error: unknown): string {
  const hint = error instanceof UserError && error.hint !== undefined ? `\n${error.hint}` : "";
  return messageOf(error) + hint;
}

function quoteForShell(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
