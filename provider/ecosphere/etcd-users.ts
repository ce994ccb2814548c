import { z } from "zod";
import {
  performEtcdSteps,
  planEtcdUsers,
  readEtcdState,
  type EtcdMembers,
  type EtcdState,
  type EtcdUser,
} from "../../lib/cluster/etcd-users.ts";
import { StackContainers } from "../../lib/cluster/stack-containers.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import { eventually } from "../../lib/poll.ts";
import type { Context, Resource } from "../host/provider.ts";
import { unknown, type Properties } from "../host/values.ts";
import { reportContainers } from "./container-report.ts";
import { checkInputs, diffInputs } from "./inputs.ts";
import { limitsOf } from "./turn.ts";

const filledText = (what: string): z.ZodString => z.string(`must be ${what}`).min(1, `must be ${what}`);
// They go to etcdctl's input as words of a line.
const word = (what: string): z.ZodString =>
  filledText(what).regex(/^[^\s\p{Cc}]+$/u, `must be ${what}, without spaces`);
const user = z.object(
  {
    name: word("names of users").refine((name) => name !== "root", "must not name root: it is there anyway"),
    password: word("passwords"),
    grants: z.array(
      z.object(
        {
          access: z.enum(["read", "readwrite"], 'must give "read" or "readwrite"'),
          key: word("keys"),
          isPrefix: z.boolean("must say by isPrefix whether a key stands for all that begin with it"),
        },
        "must have grants of access, key and isPrefix",
      ),
      "must have lists of grants",
    ),
  },
  "must be users with name, password and grants",
);
const rules = {
  stack: filledText("a stack's name"),
  containers: z.array(filledText("container ids"), "must be a list of container ids"),
  users: z.array(user, "must be a list of users"),
  timeoutSeconds: z.number("must be a number of seconds").positive("must be more than 0").default(180),
};
const secrets = ["users"];
const spec = z.object(rules);

/**
 * Exactly the users of a stack's etcd, besides root, and that etcd asks everybody for one. What was left half-made is
 * gone on with: each step follows from what etcd says at that moment.
 * @param membersOf where etcd's commands are run
 */
export function etcdUsersOf(membersOf: (stack: string) => Promise<EtcdMembers>): Resource {
  return {
    secrets,

    async check(news) {
      return checkInputs(rules, secrets, news);
    },

    async diff({ old, news }) {
      return {
        changes: diffInputs(old.inputs, news, ["timeoutSeconds"]),
        replaces: ["stack"].filter((property) => old.inputs[property] !== news[property]),
      };
    },

    async create(inputs, preview, context) {
      const id = typeof inputs["stack"] === "string" ? inputs["stack"] : unknown;
      if (preview) return { id, outputs: inputs };
      // Whoever is there already was made by a run that nobody remembers, with whatever password.
      await settle(inputs, () => true, context);
      return { id, outputs: inputs };
    },

    async update({ old, news }, preview, context) {
      if (preview) return news;
      const before = new Map(usersIn(old.outputs).map((each) => [each.name, each.password]));
      await settle(news, ({ name, password }) => before.get(name) !== password, context);
      return news;
    },

    async read(id, known, context) {
      if (!known) {
        throw new UserError(
          "not-importable",
          "an EtcdUsers cannot be imported: etcd tells no password",
          "Leave it to `./ecosphere up`: it takes over the users that are there.",
        );
      }
      try {
        const state = await readEtcdState(await membersOf(id));
        const users = usersAsFound(state, usersIn(known.outputs));
        if (!state.isEnabled) context.warn("etcd asks nobody for a user: its authentication is off");
        return { id, inputs: { ...known.inputs, users }, outputs: known.outputs };
      } catch (error) {
        context.signal.throwIfAborted();
        context.warn(`the users of ${id} were not compared with etcd: ${messageOf(error)}`);
        return { id, ...known };
      }
    },

    /** They go with the cluster. */
    delete: async () => undefined,
  };

  async function settle(
    inputs: Properties,
    isRenewed: (user: EtcdUser) => boolean,
    context: Context,
  ): Promise<void> {
    const { stack, users, containers, timeoutSeconds } = spec.parse(inputs);
    const { withinMs, signal } = limitsOf(context, timeoutSeconds);
    const renewed = new Set(users.filter(isRenewed).map(({ name }) => name));
    const deadline = { what: "etcd to have its users", withinMs, everyMs: 250, signal };
    try {
      await eventually(deadline, async (observe) => {
        const members = await membersOf(stack);
        const steps = planEtcdUsers(await readEtcdState(members), users, renewed);
        if (steps.length === 0) return true;
        observe(`${steps.length} steps are left, the next one ${steps[0]?.command.join(" ") ?? ""}`);
        await performEtcdSteps(members, steps);
        renewed.clear();
        return undefined;
      });
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "timeout") throw error;
      const report = await reportContainers(
        containers,
        users.map(({ password }) => password),
      );
      throw new UserError(
        "etcd-users",
        `${error.message}${report === "" ? "" : `\n${report}`}`,
        "`./ecosphere logs etcd` shows more. Once the cause is mended, run `./ecosphere up` again: it goes on from here.",
      );
    }
  }
}

export const etcdUsers = etcdUsersOf((stack) => StackContainers.of(stack));

/**
 * The users as they are, in the words of the inputs and in their order: those that differ have no grants, those that
 * nobody asked for no password. Where etcd asks for none, there are none.
 */
function usersAsFound(state: EtcdState, wanted: readonly EtcdUser[]): Properties[string] {
  if (!state.isEnabled) return [];
  const asWanted = (name: string): boolean =>
    planEtcdUsers(
      state,
      wanted.filter((each) => each.name === name),
      new Set(),
    ).every(({ command }) => !command.includes(name));
  const kept = wanted
    .filter(({ name }) => state.users.has(name))
    .map(({ name, password, grants }) => ({
      ...{ name, password },
      grants: asWanted(name) ? grants.map((grant) => ({ ...grant })) : [],
    }));
  const names = ["root", ...wanted.map(({ name }) => name)];
  const others = [...state.users.keys()].filter((name) => !names.includes(name));
  return [...kept, ...others.map((name) => ({ name, password: "", grants: [] }))];
}

function usersIn(outputs: Properties): readonly EtcdUser[] {
  return spec.shape.users.safeParse(outputs["users"]).data ?? [];
}
