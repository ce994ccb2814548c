import { z } from "zod";
import { StackContainers } from "../../lib/cluster/stack-containers.ts";
import type { WorkLimits } from "../../lib/cluster/work-limits.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import type { Context, Resource } from "../host/provider.ts";
import { hasUnknown, unknown, type Properties } from "../host/values.ts";
import { checkInputs, diffInputs } from "./inputs.ts";
import { rollOf } from "./roll.ts";

const filledText = (what: string): z.ZodString => z.string(`must be ${what}`).min(1, `must be ${what}`);
const parts = z.array(filledText("names of parts"), "must be a list of parts");
const rules = {
  stack: filledText("a stack's name"),
  part: filledText("a part's name, such as pg-1"),
  spec: filledText("the fingerprint of what the container is made from"),
  peers: parts,
  before: parts,
  timeoutSeconds: z.number("must be a number of seconds").positive("must be more than 0").default(900),
};
const spec = z.object(rules);

/**
 * Stands before a part's container: its create and its update return when the container may be replaced. What
 * is not there, or is already what it should be, needs no turn; so a first start is parallel, and an update that
 * was killed half way goes on where it was. Its state is what the container was really made from.
 */
export const turn: Resource = {
  async check(news) {
    const { stack, part, spec: wanted } = news;
    if (typeof stack === "string" && typeof part === "string" && typeof wanted === "string") {
      if (!hasUnknown(wanted)) rollOf(stack).want(part, wanted);
    }
    return checkInputs(rules, [], news);
  },

  async diff({ old, news }) {
    return {
      changes: diffInputs(old.inputs, news, ["peers", "before", "timeoutSeconds"]),
      replaces: ["stack", "part"].filter((property) => old.inputs[property] !== news[property]),
    };
  },

  async create(inputs, preview, context) {
    if (preview) return { id: idOf(inputs), outputs: inputs };
    await take(inputs, context);
    return { id: idOf(inputs), outputs: inputs };
  },

  async update({ news }, preview, context) {
    if (!preview) await take(news, context);
    return news;
  },

  async read(id, known, context) {
    if (!known) {
      throw new UserError(
        "not-importable",
        "a Turn cannot be imported: it waits for something and is nothing itself",
        "Leave it to `./ecosphere up`.",
      );
    }
    try {
      const { stack, part } = spec.pick({ stack: true, part: true }).parse(known.inputs);
      const own = (await StackContainers.of(stack)).find(part);
      if (!own) return { id, ...known };
      const found = { spec: own.spec === "" ? "unknown" : own.spec };
      return { id, inputs: { ...known.inputs, ...found }, outputs: { ...known.outputs, ...found } };
    } catch (error) {
      context.signal.throwIfAborted();
      context.warn(`${id} was not compared with its container: ${messageOf(error)}`);
      return { id, ...known };
    }
  },

  delete: async () => undefined,
};

async function take(inputs: Properties, context: Context): Promise<void> {
  const { stack, part, peers, before, timeoutSeconds } = spec.parse(inputs);
  await rollOf(stack).take({ part, peers, before }, limitsOf(context, timeoutSeconds));
}

/** How long something may take, and where it is told what happens. */
export function limitsOf(context: Context, timeoutSeconds: number): WorkLimits {
  return {
    withinMs: context.timeoutMs > 0 ? context.timeoutMs : timeoutSeconds * 1000,
    signal: context.signal,
    info: (message) => {
      context.info(message);
    },
    warn: (message) => {
      context.warn(message);
    },
  };
}

function idOf({ stack, part }: Properties): string {
  return typeof stack === "string" && typeof part === "string" ? `${stack}/${part}` : unknown;
}
