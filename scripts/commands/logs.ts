import { createInterface } from "node:readline";
import { PassThrough, Readable } from "node:stream";
import { kindOf } from "../../lib/cluster-config/networks.ts";
import { connectDocker } from "../../lib/docker.ts";
import { UserError } from "../../lib/errors.ts";

/** `./ecosphere logs [PART]`: the containers' logs, each line behind its part's name. */
export async function logs(
  stack: string,
  part: string | undefined,
  options: { readonly follow: boolean; readonly tail: string },
): Promise<number> {
  if (!/^\d{1,9}$|^all$/.test(options.tail)) {
    throw new UserError("usage", `--tail received "${options.tail}"`, "Give a number of lines, or all.");
  }
  const docker = await connectDocker();
  const filters = JSON.stringify({ label: [`ecosphere.stack=${stack}`] });
  const containers = (await docker.listContainers({ all: true, filters })).map((container) => ({
    id: container.Id,
    part: container.Labels["ecosphere.part"] ?? container.Id.slice(0, 12),
  }));
  const chosen = containers
    .filter((container) => part === undefined || isPart(container.part, part))
    .sort((a, b) => a.part.localeCompare(b.part));
  if (chosen.length === 0)
    throw noSuchPart(stack, part, containers.map((container) => container.part).sort());
  const width = Math.max(...chosen.map((container) => container.part.length));
  const show = async ({ id, part: name }: (typeof chosen)[number]): Promise<void> => {
    const lines = new PassThrough();
    const ended = printLines(lines, chosen.length === 1 ? "" : `${name.padEnd(width)} | `);
    const selection = { stdout: true, stderr: true, tail: tailOf(options.tail) };
    const container = docker.getContainer(id);
    let stream: NodeJS.ReadableStream;
    if (options.follow) {
      stream = await container.logs({ ...selection, follow: true });
    } else {
      stream = Readable.from([await container.logs({ ...selection, follow: false })]);
    }
    docker.modem.demuxStream(stream, lines, lines);
    stream.once("end", () => lines.end());
    await ended;
  };
  // What is still being written comes as it comes; what is written already, part by part.
  if (options.follow) await Promise.all(chosen.map(show));
  else for (const each of chosen) await show(each);
  return 0;
}

/** Whether `part` is the one meant: by its name, or as one of a kind (`pg` is every `pg-N`). */
export function isPart(part: string, wanted: string): boolean {
  return part === wanted || kindOf(part) === wanted;
}

// Docker takes a number, and "all" by its absence.
function tailOf(tail: string): number {
  return tail === "all" ? Number.MAX_SAFE_INTEGER : Number(tail);
}

async function printLines(stream: PassThrough, prefix: string): Promise<void> {
  for await (const line of createInterface({ input: stream })) process.stdout.write(`${prefix}${line}\n`);
}

function noSuchPart(stack: string, part: string | undefined, parts: readonly string[]): UserError {
  if (parts.length === 0) {
    return new UserError("not-deployed", `the stack ${stack} has no containers`, "Run ./ecosphere up.");
  }
  return new UserError("usage", `there is no part "${part ?? ""}"`, `There are: ${parts.join(", ")}.`);
}
