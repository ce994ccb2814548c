import { messageOf, UserError } from "../../../lib/errors.ts";
import type { Context } from "../../host/provider.ts";
import { askServer } from "../catalogue/server-words.ts";
import { formatId } from "../object-id.ts";
import { noAnswers } from "../plan/question.ts";
import type { Database, Session } from "../server/database.ts";
import { isUnreachable } from "../../../lib/unreachable.ts";
import { Groups } from "./groups.ts";
import { gone } from "./life-cycle-texts.ts";
import type { Kind, Questions } from "./kind.ts";

/** For a plan without a server. */
export const askNobody: Questions = {
  answers: () => Promise.resolve(noAnswers),
  read: () => Promise.resolve(undefined),
  words: () => Promise.reject(new UserError("unreachable", "there is no server to ask")),
};

/** Reads objects of one type as they are. */
export class LiveReader<Spec, Live> {
  readonly #kind: Kind<Spec, Live>;
  readonly #database: () => Database;
  readonly #groups = new Groups<Live>();

  /** @param database the configured one; throws before the provider is configured */
  constructor(kind: Kind<Spec, Live>, database: () => Database) {
    this.#kind = kind;
    this.#database = database;
  }

  /**
   * What is there now. For a change it waits for a server that is just starting, for a preview it does not.
   * @param oid found by it when nothing has the name
   */
  read(
    parts: readonly string[],
    oid: string | undefined,
    isPreview: boolean,
    context: Context,
  ): Promise<Live | undefined> {
    const work = (session: Session): Promise<Live | undefined> => this.#kind.read(session, parts, oid);
    const database = this.#database();
    return isPreview ? database.read(work) : database.readPatiently(context.signal, work);
  }

  /** For a refresh: with the others of its group, by what may be a moment old. */
  refresh(parts: readonly string[], before: Live | undefined): Promise<Live | undefined> {
    const { group } = this.#kind;
    const name = before && group?.of(before);
    return this.#database().read(async (session) => {
      const inGroup =
        before && group && name !== undefined
          ? (await this.#groups.of(name, () => group.read(session, before))).get(formatId(parts))
          : undefined;
      return inGroup ?? (await this.#kind.read(session, parts, before && this.#kind.oidOf(before)));
    });
  }

  /** To be called before anything changes. */
  forget(): void {
    this.#groups.forget();
  }

  /**
   * What an update starts from: by the last known name, by oid, or by the new name when a cut-off update has renamed
   * it already. In a preview without a server it is what was recorded.
   * @throws UserError `gone`
   */
  async readOrRecorded(
    recorded: Live | undefined,
    parts: readonly string[],
    wanted: Spec,
    isPreview: boolean,
    context: Context,
  ): Promise<Live> {
    let live: Live | undefined;
    try {
      live = await this.read(parts, recorded && this.#kind.oidOf(recorded), isPreview, context);
      live ??= await this.read(this.#kind.idOf(wanted), undefined, isPreview, context);
    } catch (error) {
      if (!isPreview || !recorded || !isUnreachable(error)) throw error;
      context.warn(`${messageOf(error)}; the plan is that for what was there last`);
      return recorded;
    }
    if (live) return live;
    throw gone({ noun: this.#kind.noun, parts });
  }

  /** What a plan may ask. */
  questions(context: Context, isPreview: boolean): Questions {
    const database = this.#database;
    return {
      isPreview,
      answers: (questions, role) => database().ask(questions, role),
      read: (work) => (isPreview ? database().read(work) : database().readPatiently(context.signal, work)),
      words: (table) => askServer(database(), table, context.signal),
    };
  }
}
