import { z } from "zod";
import { passwordsInForce, setPasswords } from "../../lib/cluster/set-passwords.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import type { Context, Resource } from "../host/provider.ts";
import { unknown, type Properties } from "../host/values.ts";
import { checkInputs, diffInputs } from "./inputs.ts";
import { limitsOf } from "./turn.ts";

const filledText = (what: string): z.ZodString => z.string(`must be ${what}`).min(1, `must be ${what}`);
const portRange = "must have a host and a port, 1 to 65535";
const rules = {
  stack: filledText("a stack's name"),
  versions: z.record(
    z.string(),
    z.int("must have a whole number for each role").min(1, "must have a number of 1 or more for each role"),
    "must be the number of each role's password, by role",
  ),
  passwords: z.record(
    z.string(),
    z.string("must have a text for each role").min(1, "must have a password for each role"),
    "must be a password for each role",
  ),
  poolers: z
    .array(z.object({ host: z.string(portRange), port: z.int(portRange).min(1, portRange) }), portRange)
    .default([]),
  ca: filledText("certificates of authorities as PEM").optional(),
  containers: z.array(filledText("container ids"), "must be a list of container ids").default([]),
  timeoutSeconds: z.number("must be a number of seconds").positive("must be more than 0").default(180),
};
const secrets = ["passwords"];
const spec = z.object(rules);

/**
 * The passwords of roles that are there already: they reach the server as verifiers, by the local socket of the primary,
 * so that the role as which Pulumi connects can be among them. Sessions go on when they change.
 */
export const rolePasswords: Resource = {
  secrets,
  refreshesBeforeUpdate: true,

  async check(news) {
    return checkInputs(rules, secrets, news);
  },

  async diff({ old, news }) {
    return {
      changes: diffInputs(old.inputs, news, ["poolers", "ca", "timeoutSeconds"]),
      replaces: ["stack"].filter((property) => old.inputs[property] !== news[property]),
    };
  },

  async create(inputs, preview, context) {
    const id = context.urn.split("::").at(-1) ?? unknown;
    // No pooler knows roles that have had no password.
    if (!preview) await apply({ ...inputs, poolers: [] }, {}, context);
    return { id, outputs: inputs };
  },

  async update({ old, news }, preview, context) {
    const before = spec.shape.passwords.safeParse(old.inputs["passwords"]);
    if (!preview) await apply(news, before.success ? before.data : {}, context);
    return news;
  },

  /** A password that is not in force is as good as none: of a role that was made anew, or altered by hand. */
  async read(id, known, context) {
    if (!known) {
      throw new UserError(
        "not-importable",
        "RolePasswords cannot be imported: nobody but their owner knows them",
        "Leave it to `./ecosphere up`, which sets them anew.",
      );
    }
    try {
      const { stack, passwords } = spec.pick({ stack: true, passwords: true }).parse(known.inputs);
      const found = { passwords: await passwordsInForce(stack, passwords) };
      return { id, inputs: { ...known.inputs, ...found }, outputs: { ...known.outputs, ...found } };
    } catch (error) {
      context.signal.throwIfAborted();
      context.warn(`the passwords of ${id} were not compared with the server: ${messageOf(error)}`);
      return { id, ...known };
    }
  },

  /** They go with their roles. */
  delete: async () => undefined,
};

async function apply(
  inputs: Properties,
  previous: Readonly<Record<string, string>>,
  context: Context,
): Promise<void> {
  const { stack, passwords, poolers, ca, timeoutSeconds } = spec.parse(inputs);
  const changed = Object.entries(passwords).filter(([role, password]) => previous[role] !== password);
  const isAnotherCluster = changed.length === 0;
  const wanted = {
    ...{ previous, poolers, ca },
    passwords: isAnotherCluster ? passwords : Object.fromEntries(changed),
  };
  await setPasswords(stack, wanted, limitsOf(context, timeoutSeconds));
}
