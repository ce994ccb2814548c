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
import { formatId, parseId } from "../object-id.ts";
import { toProperties } from "../plain-value.ts";
import { renderRefusals, type Difference, type Refusal } from "../plan/difference.ts";
import { renderPlan, type Plan } from "../plan/statement.ts";
import type { Database } from "../server/database.ts";
import { converge, type Execution } from "../server/execute.ts";
import { isLoginRefused, isUnreachable } from "../../../lib/unreachable.ts";
import { isDatabaseGone } from "../server/sql-fault.ts";
import { followRenames } from "./renamed-tables.ts";
import { another, exists, nameOf, renamedUnseen, unfinished, type Subject } from "./life-cycle-texts.ts";
import { askNobody, LiveReader } from "./live-reader.ts";
import type { Kind, Planned, Questions, Recorded } from "./kind.ts";

/** The life-cycle that all types share; what is different about them is in their `Kind`. */
export class LifeCycle<Spec extends object, Live extends object> implements Resource {
  readonly refreshesBeforeUpdate = true;
  readonly #kind: Kind<Spec, Live>;
  readonly #database: () => Database;
  readonly #warnDown: (context: Context, error: unknown) => void;
  readonly #live: LiveReader<Spec, Live>;
  /** By URN, the inputs before a refresh: see `diff`. */
  readonly #refreshed = new Map<string, Properties>();

  /**
   * @param database the configured one; throws before the provider is configured
   * @param warnDown told when a read fell back on what the state holds
   */
  constructor(
    kind: Kind<Spec, Live>,
    database: () => Database,
    warnDown: (context: Context, error: unknown) => void,
  ) {
    this.#kind = kind;
    this.#database = database;
    this.#warnDown = warnDown;
    this.#live = new LiveReader(kind, database);
  }

  async check(news: Properties): Promise<Checked> {
    return { inputs: news, faults: this.#kind.parse(news).faults };
  }

  async diff({ old, news }: Change, context: Context): Promise<Diff> {
    // After a refresh the engine asks what the unchanged program would do, only to show the drift. A refusal
    // there would stop refresh and destroy; the question that counts is asked again later.
    const isShown = this.#isRefresh(context.urn, news);
    const wanted = this.#kind.parse(news).spec;
    const recorded = this.#recorded(old);
    if (!wanted || !recorded) return { changes: byKey(old.inputs, news) };
    let difference: Difference;
    try {
      difference = await this.#difference(
        recorded.catalog,
        recorded,
        wanted,
        this.#live.questions(context, true),
      );
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      context.warn(`${messageOf(error)}; what the change means is told when it answers`);
      return { changes: byKey(old.inputs, news) };
    }
    if (!isShown) {
      this.#refuse(this.#kind.idOfLive(recorded.catalog), difference.refusals);
      for (const warning of difference.warnings) context.warn(warning);
    }
    return { changes: new Map(difference.changes.map(({ path, kind }) => [path, kind])) };
  }

  async create(inputs: Properties, preview: boolean, context: Context): Promise<Created> {
    const { spec } = this.#kind.parse(inputs);
    if (!spec) return { id: unknown, outputs: { ...inputs, catalog: unknown, plannedSql: unknown } };
    const parts = this.#kind.idOf(spec);
    if (preview) {
      const planned = await this.#previewCreate(spec, parts, context);
      for (const warning of planned.warnings) context.warn(warning);
      return { id: unknown, outputs: { ...inputs, ...this.#show(parts, planned, context) } };
    }
    const id = formatId(parts);
    // A leftover, or what is adopted, is there before anything is done; a failure then must not forget it.
    const progress = { isThere: false };
    const makePlan = async (): Promise<Plan> => {
      const live = await this.#live.read(parts, undefined, false, context);
      const planned = await this.#planCreate(
        spec,
        parts,
        live,
        progress.isThere,
        this.#live.questions(context, false),
        context,
      );
      this.#refuse(parts, planned.refusals);
      progress.isThere = live !== undefined;
      return planned.plan;
    };
    try {
      await this.#converge(makePlan, parts, context, () => (progress.isThere = true));
      return { id, outputs: await this.#outputs(inputs, parts, [spec], context) };
    } catch (error) {
      const outputs = await this.#outputs(inputs, parts, [spec], context).catch(() => undefined);
      // A connection that broke in a COMMIT leaves open whether the step is done; the catalogue knows.
      if (!progress.isThere && !(outputs && isUnreachable(error))) throw error;
      throw new Unfinished(id, outputs ?? inputs, unfinished({ noun: this.#kind.noun, parts }, error));
    }
  }

  async read(id: string, known: Known | undefined, context: Context): Promise<Found | undefined> {
    if (known) this.#refreshed.set(context.urn, known.inputs);
    const before = known && this.#kind.catalog.safeParse(known.outputs["catalog"]).data;
    let live: Live | undefined;
    try {
      live = await this.#live.refresh(
        before ? this.#kind.idOfLive(before) : parseId(id, this.#kind.idForm),
        before,
      );
    } catch (error) {
      if (isDatabaseGone(error)) return undefined;
      // The password that the state knows is the old one where an update has changed it and was cut off.
      if (!known || !(isUnreachable(error) || isLoginRefused(error))) throw error;
      this.#warnDown(context, error);
      return { id, ...known };
    }
    if (!live) {
      if (known)
        context.warn(`${this.#name(parseId(id, this.#kind.idForm))} is gone; an update makes it anew, empty`);
      return undefined;
    }
    const parts = this.#kind.idOfLive(live);
    const beyond = this.#kind.beyondSpec(live);
    if (beyond !== undefined) {
      context.warn(`${this.#name(parts)} has what no property here can say and is left as it is: ${beyond}`);
    }
    const spec = known && this.#kind.parse(known.inputs).spec;
    const liveId = formatId(parts);
    if (!spec) {
      const inputs = toProperties(this.#kind.adopt(live));
      return { id: liveId, inputs, outputs: { ...inputs, catalog: toProperties(live) } };
    }
    if (before && this.#isAnother(before, live)) {
      context.warn(
        `${this.#name(parts)} was dropped and made again by somebody else; its rows are not those of before`,
      );
    }
    const managed = this.#kind.manage(live, [spec], before);
    if (managed.extras.length > 0) {
      context.warn(
        `${this.#name(parts)} has what no program declares, left alone: ${managed.extras.join(", ")}`,
      );
    }
    const drifted = toProperties(this.#kind.drift({ spec, catalog: before ?? managed.live }, managed.live));
    const inputs = isSame(drifted, toProperties(spec)) ? known.inputs : drifted;
    return { id: liveId, inputs, outputs: { ...inputs, catalog: toProperties(managed.live) } };
  }

  async update({ id, old, news }: Change, preview: boolean, context: Context): Promise<Properties> {
    const wanted = this.#kind.parse(news).spec;
    const recorded = this.#recorded(old);
    if (!wanted) return { ...news, catalog: unknown, plannedSql: unknown };
    const before = recorded?.catalog;
    const parts = before ? this.#kind.idOfLive(before) : parseId(id, this.#kind.idForm);
    const difference = async (): Promise<Difference> => {
      const live = await this.#live.readOrRecorded(before, parts, wanted, preview, context);
      const specs = [...(recorded ? [recorded.spec] : []), wanted];
      const managed = this.#kind.manage(live, specs, before).live;
      const now = recorded ?? { spec: wanted, catalog: managed };
      return this.#difference(managed, now, wanted, this.#live.questions(context, preview));
    };
    if (preview) {
      const planned = await difference();
      return { ...news, ...this.#show(parts, planned, context) };
    }
    const makePlan = async (): Promise<Plan> => {
      const { refusals, plan } = await difference();
      this.#refuse(parts, refusals);
      return plan;
    };
    await this.#converge(makePlan, parts, context);
    return this.#outputs(news, this.#kind.idOf(wanted), [wanted], context, before);
  }

  async delete(id: string, known: Known, context: Context): Promise<void> {
    const recorded = this.#recorded(known);
    const before = recorded?.catalog ?? this.#kind.catalog.safeParse(known.outputs["catalog"]).data;
    const parts = before ? this.#kind.idOfLive(before) : parseId(id, this.#kind.idForm);
    const oid = before && this.#kind.oidOf(before);
    const makePlan = async (): Promise<Plan> => {
      const live = await this.#live.read(parts, oid, false, context);
      if (!live) return [];
      if (before && this.#isAnother(before, live)) throw another({ noun: this.#kind.noun, parts });
      const planned = await this.#kind.planDrop(
        live,
        recorded?.spec,
        this.#live.questions(context, false),
        before,
      );
      this.#refuse(parts, planned.refusals);
      for (const warning of planned.warnings) context.warn(warning);
      return planned.plan;
    };
    try {
      await this.#converge(makePlan, parts, context);
    } catch (error) {
      if (!isDatabaseGone(error)) throw error;
    }
  }

  #converge(
    makePlan: () => Promise<Plan>,
    parts: readonly string[],
    context: Context,
    onStepDone?: () => void,
  ): Promise<void> {
    this.#live.forget();
    const execution: Execution = {
      object: this.#name(parts),
      signal: context.signal,
      timeoutMs: context.timeoutMs,
      onProgress: (message) => {
        context.info(message);
      },
      ...(onStepDone && { onStepDone }),
    };
    return converge(makePlan, this.#database(), execution);
  }

  /** @param isOurs whether this very create has made what is there, so that it goes on with it */
  async #planCreate(
    spec: Spec,
    parts: readonly string[],
    live: Live | undefined,
    isOurs: boolean,
    ask: Questions,
    context: Context,
  ): Promise<Planned> {
    if (live && !this.#kind.isLeftover(live, spec)) {
      if (!isOurs && !("adopt" in spec && spec.adopt === true)) throw exists(this.#subject(parts, context));
      const managed = this.#kind.manage(live, [spec]).live;
      return this.#kind.difference(managed, { spec: this.#kind.adopt(live), catalog: live }, spec, ask);
    }
    await this.#refuseFormer(spec, parts, context);
    return this.#kind.planCreate(spec, ask, live);
  }

  /** Under its old name the object would be left behind, with its rows, beside a new and empty one. */
  async #refuseFormer(spec: Spec, parts: readonly string[], context: Context): Promise<void> {
    const former = this.#kind.formerIdOf(spec);
    if (!former || !(await this.#live.read(former, undefined, false, context))) return;
    throw renamedUnseen(this.#subject(parts, context), former);
  }

  /** The plan as far as it can be told; that for a new, empty database when the server does not answer. */
  async #previewCreate(spec: Spec, parts: readonly string[], context: Context): Promise<Planned> {
    try {
      const live = await this.#live.read(parts, undefined, true, context);
      return await this.#planCreate(spec, parts, live, false, this.#live.questions(context, true), context);
    } catch (error) {
      if (!(isUnreachable(error) || isDatabaseGone(error))) throw error;
      context.warn(`${messageOf(error)}; the plan is that for a new, empty database`);
      return this.#kind.planCreate(spec, askNobody, undefined);
    }
  }

  #isAnother(before: Live, live: Live): boolean {
    return this.#kind.isReplaceable !== true && this.#kind.oidOf(before) !== this.#kind.oidOf(live);
  }

  async #difference(
    live: Live,
    recorded: Recorded<Spec, Live>,
    wanted: Spec,
    ask: Questions,
  ): Promise<Difference> {
    const followed = await followRenames(this.#kind.tables ?? [], live, wanted, ask);
    const difference = await this.#kind.difference(followed.live, recorded, wanted, ask);
    return { ...difference, changes: [...followed.changes, ...difference.changes] };
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

  async #outputs(
    inputs: Properties,
    parts: readonly string[],
    specs: readonly Spec[],
    context: Context,
    before?: Live,
  ): Promise<Properties> {
    const live = await this.#live.read(parts, before && this.#kind.oidOf(before), false, context);
    if (!live) throw new UserError("gone", `${this.#name(parts)} was dropped by somebody else meanwhile`);
    return { ...inputs, catalog: toProperties(this.#kind.manage(live, specs, before).live) };
  }

  /** The outputs of a preview. The engine prints no outputs then, so what locks anything is said as a message too. */
  #show(parts: readonly string[], { plan, refusals }: Planned, context: Context): Properties {
    this.#refuse(parts, refusals);
    const plannedSql = renderPlan(plan);
    const isHarmless = plan.every((step) => step.statements.every(({ locks }) => locks.length === 0));
    if (!isHarmless) context.info(plannedSql.join("\n"));
    return { catalog: unknown, plannedSql };
  }

  #refuse(parts: readonly string[], refusals: readonly Refusal[]): void {
    if (refusals.length > 0) throw new UserError("refused", renderRefusals(this.#name(parts), refusals));
  }

  #subject(parts: readonly string[], context: Context): Subject {
    return { type: this.#kind.type, noun: this.#kind.noun, parts, urn: context.urn };
  }

  #name(parts: readonly string[]): string {
    return nameOf({ noun: this.#kind.noun, parts });
  }
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
