import { z } from "zod";
import { applySettings, awaitSettings, refuseWrongParameters } from "../../lib/cluster/apply-settings.ts";
import { PatroniClient } from "../../lib/cluster/patroni-client.ts";
import { comparable } from "../../lib/cluster/settings-patch.ts";
import { StackContainers } from "../../lib/cluster/stack-containers.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import type { Context, Resource } from "../host/provider.ts";
import { unknown, type Properties } from "../host/values.ts";
import { reportContainers } from "./container-report.ts";
import { checkInputs, diffInputs } from "./inputs.ts";
import { limitsOf } from "./turn.ts";

const filledText = (what: string): z.ZodString => z.string(`must be ${what}`).min(1, `must be ${what}`);
const rules = {
  stack: filledText("a stack's name"),
  containers: z.array(filledText("container ids"), "must be a list of container ids"),
  settings: z.record(z.string(), z.json(), "must be Patroni's settings by name"),
  timeoutSeconds: z.number("must be a number of seconds").positive("must be more than 0").default(300),
};
const spec = z.object(rules);

/**
 * Patroni's settings of a running cluster: they live in etcd once it is born. Drift shows; a change that needs
 * no restart makes none, and one that does restarts the instances one by one.
 */
export const clusterSettingsResource: Resource = {
  async check(news) {
    return checkInputs(rules, [], news);
  },

  async diff({ old, news }) {
    return {
      changes: diffInputs(old.inputs, news, ["containers", "timeoutSeconds"]),
      replaces: ["stack"].filter((property) => old.inputs[property] !== news[property]),
    };
  },

  /** A cluster that was born with what is wanted is left as it is. */
  async create(inputs, preview, context) {
    const id = typeof inputs["stack"] === "string" ? inputs["stack"] : unknown;
    if (!preview) await apply(inputs, context);
    return { id, outputs: inputs };
  },

  async update({ news }, preview, context) {
    if (preview) await foresee(news, context);
    else await apply(news, context);
    return news;
  },

  async read(id, known, context) {
    if (!known) {
      throw new UserError(
        "not-importable",
        "a ClusterSettings cannot be imported",
        "Leave it to `./ecosphere up`: it takes the cluster's settings over.",
      );
    }
    try {
      const { stack, settings } = spec.parse(known.inputs);
      const live = await new PatroniClient(await StackContainers.of(stack)).settings();
      const found = { settings: comparable(live, settings) };
      return { id, inputs: { ...known.inputs, ...found }, outputs: { ...known.outputs, ...found } };
    } catch (error) {
      context.signal.throwIfAborted();
      context.warn(`the settings of ${id} were not compared with the cluster: ${messageOf(error)}`);
      return { id, ...known };
    }
  },

  /** They go with the cluster. */
  delete: async () => undefined,
};

async function apply(inputs: Properties, context: Context): Promise<void> {
  const { stack, settings, containers, timeoutSeconds } = spec.parse(inputs);
  const limits = limitsOf(context, timeoutSeconds);
  try {
    await awaitSettings(stack, limits);
    await applySettings(stack, settings, limits);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "timeout") throw error;
    const report = await reportContainers(containers, []);
    throw new UserError(
      "cluster-not-ready",
      `the cluster is not ready: ${error.message}${report === "" ? "" : `\n${report}`}`,
      "`./ecosphere logs` shows more. Once the cause is mended, run `./ecosphere up` again: it goes on from here.",
    );
  }
}

/** Refuses in the preview what PostgreSQL would refuse; a cluster that does not answer is no reason to. */
async function foresee(inputs: Properties, context: Context): Promise<void> {
  const { stack, settings } = spec.parse(inputs);
  try {
    await refuseWrongParameters(await StackContainers.of(stack), settings);
  } catch (error) {
    if (error instanceof UserError && error.code === "bad-parameter") throw error;
    context.warn(`the parameters were not tried: ${messageOf(error)}`);
  }
}
