import { renderRefusals } from "../../provider/pgddl/plan/difference.ts";
import type { Plan } from "../../provider/pgddl/plan/statement.ts";
import { askServer } from "../../provider/pgddl/catalogue/server-words.ts";
import type { Kind, Planned, Questions } from "../../provider/pgddl/kinds/kind.ts";
import { parseId } from "../../provider/pgddl/object-id.ts";
import type { Database } from "../../provider/pgddl/server/database.ts";

/** A plan that is not carried out yet, and what there is left to do once it was. */
export interface LivePlan {
  readonly plan: Plan;
  again(): Promise<Plan>;
}

/** Plans against a live database as the provider does, and carries nothing out. A refusal throws. */
export class LivePlanner {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async create<Spec, Live>(kind: Kind<Spec, Live>, spec: Spec): Promise<LivePlan> {
    const there = await this.#database.read((session) => kind.read(session, kind.idOf(spec)));
    const leftover = there && kind.isLeftover(there, spec) ? there : undefined;
    const { plan } = allowed(kind, await kind.planCreate(spec, this.#ask(), leftover));
    return { plan, again: () => this.#difference(kind, kind.idOf(spec), spec, spec) };
  }

  /** @param edit is given what the object would be imported as, and answers what is wanted */
  async change<Spec, Live>(
    kind: Kind<Spec, Live>,
    id: string,
    edit: (spec: Spec) => Spec,
  ): Promise<LivePlan> {
    const before = parseId(id, kind.idForm);
    const spec = kind.adopt(await this.#read(kind, before));
    const wanted = edit(spec);
    const plan = await this.#difference(kind, before, spec, wanted);
    return { plan, again: () => this.#difference(kind, kind.idOf(wanted), wanted, wanted) };
  }

  /** @param edit the permissions that the last update had */
  async drop<Spec, Live>(
    kind: Kind<Spec, Live>,
    id: string,
    edit: (spec: Spec) => Spec = (spec) => spec,
  ): Promise<LivePlan> {
    const live = await this.#read(kind, parseId(id, kind.idForm));
    const { plan } = allowed(kind, await kind.planDrop(live, edit(kind.adopt(live)), this.#ask()));
    return { plan, again: () => Promise.resolve([]) };
  }

  async #difference<Spec, Live>(
    kind: Kind<Spec, Live>,
    id: readonly string[],
    before: Spec,
    wanted: Spec,
  ): Promise<Plan> {
    const { live } = kind.manage(await this.#read(kind, id), [before, wanted]);
    return allowed(kind, await kind.difference(live, { spec: before, catalog: live }, wanted, this.#ask()))
      .plan;
  }

  async #read<Spec, Live>(kind: Kind<Spec, Live>, id: readonly string[]): Promise<Live> {
    const live = await this.#database.read((session) => kind.read(session, id));
    if (live === undefined) throw new Error(`${kind.noun} ${id.join(".")} is not there`);
    return live;
  }

  #ask(): Questions {
    const database = this.#database;
    return {
      answers: (questions, role) => database.ask(questions, role),
      read: (work) => database.read(work),
      words: (table) => askServer(database, table, new AbortController().signal),
    };
  }
}

function allowed<Outcome extends Planned>(kind: { readonly noun: string }, outcome: Outcome): Outcome {
  if (outcome.refusals.length > 0) throw new Error(renderRefusals(kind.noun, outcome.refusals));
  return outcome;
}
