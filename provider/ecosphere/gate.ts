import { z } from "zod";
import { addressesOf, withClient, type Connection } from "../../lib/connection.ts";
import { UserError } from "../../lib/errors.ts";
import type { Context, Resource } from "../host/provider.ts";
import { unknown, type Properties } from "../host/values.ts";
import { waitForCluster } from "./cluster-wait.ts";
import { reportContainers } from "./container-report.ts";
import { checkInputs, diffInputs } from "./inputs.ts";

const portRange = "must be a port, 1 to 65535";
const portNumber = z.int(portRange).min(1, portRange).max(65_535, portRange);
const filledText = (what: string): z.ZodString => z.string(`must be ${what}`).min(1, `must be ${what}`);
const names = (what: string): z.ZodArray<z.ZodString> =>
  z.array(filledText(what), `must be a list of ${what}`);
const rules = {
  containers: names("container ids"),
  host: filledText("a host name or an address"),
  adminPorts: z.tuple([portNumber], portNumber, "must be a list of ports, at least one"),
  username: filledText("a role's name"),
  password: filledText("the role's password, not empty"),
  database: filledText("a database's name").default("postgres"),
  ca: filledText("certificates of authorities as PEM").optional(),
  replicas: z.int("must be a whole number, 0 or more").min(0, "must be a whole number, 0 or more"),
  members: names("instance names").optional(),
  timeoutSeconds: z.number("must be a number of seconds").positive("must be more than 0").default(180),
};
const secrets = ["password"];
const spec = z.object(rules);

/**
 * The point after which the cluster can be used: a writable primary, its replicas streaming. Whoever connects
 * takes host and port from its outputs. They are unknown in a create preview, so that nothing connects to a
 * cluster that is not there; in an update preview they are the old ones, so that a replaced container makes
 * no change of everything that connects.
 */
export const gate: Resource = {
  secrets,

  async check(news) {
    return checkInputs(rules, secrets, news);
  },

  async diff({ old, news }) {
    return { changes: diffInputs(old.inputs, news, ["timeoutSeconds"]) };
  },

  async create(inputs, preview, context) {
    // One gate is one resource: what it waits for may move to another port without becoming another gate.
    const id = context.urn.split("::").at(-1) ?? "gate";
    if (preview) return { id, outputs: { ...inputs, host: unknown, port: unknown } };
    return { id, outputs: await pass(inputs, context) };
  },

  async update({ old, news }, preview, context) {
    if (!preview) return pass(news, context);
    const { host, port } = old.outputs;
    return { ...news, host, port };
  },

  /** Connects nowhere: a stack whose database is down must be destroyable. */
  async read(id, known) {
    if (known) return { id, ...known };
    throw new UserError(
      "not-importable",
      "a Gate cannot be imported: it waits for something and is nothing itself",
      "Leave it to `./ecosphere up`.",
    );
  },

  delete: async () => undefined,
};

async function pass(inputs: Properties, context: Context): Promise<Properties> {
  const {
    containers,
    host,
    adminPorts: [port, ...others],
    username: user,
    password,
    database,
    ca,
    ...rest
  } = spec.parse(inputs);
  const { replicas, members = [], timeoutSeconds } = rest;
  const alternatives = others.map((other) => ({ host, port: other }));
  const connection = { host, port, alternatives, user, password, database, ca };
  const goal = { connection, replicas, members };
  const withinMs = context.timeoutMs > 0 ? context.timeoutMs : timeoutSeconds * 1000;
  try {
    await waitForCluster(goal, withinMs, context.signal);
    return { ...inputs, host, port: await firstThatAnswers(connection) };
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "timeout") throw error;
    const report = await reportContainers(containers, [password]);
    throw new UserError(
      "cluster-not-ready",
      `the cluster is not ready: ${error.message}${report === "" ? "" : `\n${report}`}`,
      "`./ecosphere logs` shows more. Once the cause is mended, run `./ecosphere up` again: it goes on from here.",
    );
  }
}

/** The port of the first proxy that lets anybody in; whoever connects by the gate knows one way only. */
async function firstThatAnswers(connection: Connection): Promise<number> {
  const addresses = addressesOf(connection);
  for (const address of addresses) {
    const one = { ...connection, ...address, alternatives: [] };
    const answers = await withClient(one, "ecosphere-gate", () => Promise.resolve(true)).catch(() => false);
    if (answers) return address.port;
  }
  return connection.port;
}
