import { z } from "zod";
import { UserError } from "../../lib/errors.ts";
import type { Resource } from "../host/provider.ts";
import { unknown, type Properties } from "../host/values.ts";
import { checkInputs, diffInputs } from "./inputs.ts";
import { rollOf } from "./roll.ts";
import { limitsOf } from "./turn.ts";

const filledText = (what: string): z.ZodString => z.string(`must be ${what}`).min(1, `must be ${what}`);
const rules = {
  stack: filledText("a stack's name"),
  part: filledText("a part's name, such as pg-1"),
  container: filledText("the id of the part's container"),
  peers: z.array(filledText("names of parts"), "must be a list of parts"),
  timeoutSeconds: z.number("must be a number of seconds").positive("must be more than 0").default(300),
};
const spec = z.object(rules);

/**
 * Stands behind a part's container: when that was replaced in its turn, the update waits until the new one is at
 * work, and gives the turn back. Is the part taken out of the program, its delete hands over what the part has;
 * in a destroy, which runs no program, it does nothing.
 */
export const joined: Resource = {
  async check(news) {
    return checkInputs(rules, [], news);
  },

  async diff({ old, news }) {
    return {
      changes: diffInputs(old.inputs, news, ["peers", "timeoutSeconds"]),
      replaces: ["stack", "part"].filter((property) => old.inputs[property] !== news[property]),
    };
  },

  async create(inputs, preview, context) {
    if (!preview) await join(inputs, context);
    const { stack, part } = inputs;
    const id = typeof stack === "string" && typeof part === "string" ? `${stack}/${part}` : unknown;
    return { id, outputs: inputs };
  },

  async update({ news }, preview, context) {
    if (!preview) await join(news, context);
    return news;
  },

  /** Connects nowhere: a stack whose cluster is dead must be destroyable. */
  async read(id, known) {
    if (known) return { id, ...known };
    throw new UserError(
      "not-importable",
      "a Joined cannot be imported: it waits for something and is nothing itself",
      "Leave it to `./ecosphere up`.",
    );
  },

  async delete(_id, known, context) {
    const { stack, part, peers, timeoutSeconds } = spec.parse(known.inputs);
    const roll = rollOf(stack);
    if (!roll.isRemoved(part)) return;
    await roll.remove({ part, peers, before: [] }, limitsOf(context, timeoutSeconds));
  },
};

async function join(inputs: Properties, context: Parameters<Resource["create"]>[2]): Promise<void> {
  const { stack, part, timeoutSeconds } = spec.parse(inputs);
  await rollOf(stack).join(part, limitsOf(context, timeoutSeconds));
}
