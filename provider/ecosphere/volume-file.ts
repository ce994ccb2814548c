import { constants } from "node:os";
import { z } from "zod";
import { connectDocker } from "../../lib/docker.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import type { Context, Found, Known, Resource } from "../host/provider.ts";
import { hasUnknown, unknown, type Properties } from "../host/values.ts";
import { checkInputs, diffInputs } from "./inputs.ts";
import { readFile, removeStaleHelpers, signalContainers, writeFile } from "./volume-access.ts";

const idRange = "must be a whole number from 0 to 2147483647";
const numericId = z.int(idRange).min(0, idRange).max(2_147_483_647, idRange);
const rules = {
  volume: z
    .string("must be the name of a Docker volume")
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/, "must be a volume's name: letters, digits, _ . -"),
  path: z
    .string("must be a path inside the volume, such as patroni.yml")
    .refine(isInside, 'must be relative to the volume, such as tls/server.key: no leading "/", no ".."'),
  content: z.string("must be text"),
  mode: z
    .string('must be an octal string such as "0400"')
    .regex(/^0?[0-7]{3}$/, 'must be three octal digits, such as "0400"')
    .transform((mode) => mode.padStart(4, "0"))
    .default("0400"),
  uid: numericId,
  gid: numericId,
  image: z.string("must be the name or id of an image").min(1, "must not be empty").optional(),
  reloadSignal: z
    .string("must be a signal's name, such as SIGHUP")
    .refine((name) => name in constants.signals, "must be a signal's name, such as SIGHUP")
    .optional(),
};
const secrets = ["content"];
const spec = z.object(rules);

/**
 * A file in a Docker volume: how configuration and secrets reach a container whose root is read-only, without
 * showing in `docker inspect` and without replacing the container when they change. Deleting it leaves the
 * file: it goes with its volume, and a resource that was only renamed must not lose what it has just written.
 */
export const volumeFile: Resource = {
  secrets,

  async check(news) {
    return checkInputs(rules, secrets, news);
  },

  async diff({ old, news }) {
    // An image's id changes with each rebuild, and the file does not depend on it.
    const changes = diffInputs(old.inputs, news, ["image"]);
    return { changes, replaces: ["volume", "path"].filter((property) => changes.has(property)) };
  },

  async create(inputs, preview, context) {
    if (preview) return { id: idOf(inputs), outputs: inputs };
    await write(inputs, context);
    return { id: idOf(inputs), outputs: inputs };
  },

  async update({ old, news }, preview, context) {
    if (preview) return news;
    const docker = await write(news, context);
    const { volume, content, reloadSignal } = spec.parse(news);
    if (reloadSignal !== undefined && content !== old.inputs["content"]) {
      const told = await signalContainers(docker, volume, reloadSignal);
      if (told.length > 0) context.info(`sent ${reloadSignal} to ${told.join(", ")}`);
    }
    return news;
  },

  async read(id, known, context) {
    try {
      return await find(id, known, context);
    } catch (error) {
      if (!known || context.signal.aborted) throw error;
      context.warn(`${id} was not compared with the Docker volume: ${messageOf(error)}`);
      return { id, ...known };
    }
  },

  async delete(id) {
    try {
      await removeStaleHelpers(await connectDocker(), placeOf(id).volume);
    } catch {
      // Only tidying: without Docker the volume itself cannot be removed, and says so.
    }
  },
};

async function write(inputs: Properties, context: Context): ReturnType<typeof connectDocker> {
  const { image, volume, path, ...file } = spec.parse(inputs);
  const docker = await connectDocker();
  await writeFile(docker, { image, volume, path }, file, context.signal);
  return docker;
}

async function find(id: string, known: Known | undefined, context: Context): Promise<Found | undefined> {
  const place = placeOf(id);
  const image = known?.inputs["image"];
  const docker = await connectDocker();
  const wanted = typeof image === "string" ? image : undefined;
  const file = await readFile(docker, { ...place, image: wanted }, context.signal);
  if (!file) return undefined;
  const found = { ...place, ...file };
  return { id, inputs: { ...known?.inputs, ...found }, outputs: { ...known?.outputs, ...found } };
}

function idOf(inputs: Properties): string {
  const { volume, path } = inputs;
  if (hasUnknown(volume) || hasUnknown(path)) return unknown;
  return `${spec.shape.volume.parse(volume)}/${spec.shape.path.parse(path)}`;
}

function placeOf(id: string): { volume: string; path: string } {
  const [volume = "", ...segments] = id.split("/");
  const path = segments.join("/");
  if (volume !== "" && isInside(path)) return { volume, path };
  throw new UserError(
    "invalid-id",
    `${JSON.stringify(id)} is no id of a file in a volume`,
    "The id is VOLUME/PATH, such as ecosphere-dev-pg-1-config/patroni.yml.",
  );
}

function isInside(path: string): boolean {
  const segments = path.split("/");
  return !path.includes("\0") && segments.every((segment) => !["", ".", ".."].includes(segment));
}
