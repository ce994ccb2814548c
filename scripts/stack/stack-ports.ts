import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { z } from "zod";
import { connectDocker } from "../../lib/docker.ts";
import { UserError } from "../../lib/errors.ts";
import { proxyPortsOf, type Settings } from "../../lib/settings.ts";
import type { StackConfig } from "./stack-config.ts";
import type { StackFolder } from "./stack-folder.ts";

/** The keys of the configuration that name a port. */
export const portKeys = ["rwPort", "roPort", "adminPort", "instancePort"] as const;
export type PortKey = (typeof portKeys)[number];

/** One port for each key. */
export type Ports = Readonly<Record<PortKey, number>>;

/** What the choice of ports depends on. */
export interface PortSituation {
  /** The ports of the configuration, defaults filled in. */
  readonly wanted: Ports;
  /** How many ports in a row the instances take, the first being `instancePort`. */
  readonly instances: number;
  /** How many proxies there are, each with a port of its own for every other key. */
  readonly proxies: number;
  /** The keys whose value may not be changed: set by the user, or in use since an earlier run. */
  readonly fixed: ReadonlySet<PortKey>;
  /** Whether somebody else has the port. */
  readonly isTaken: (port: number) => boolean;
  /** Whether another stack counts on the port, though it may be stopped; only a choice avoids it. */
  readonly isPromised: (port: number) => boolean;
}

/** The ports to use, and the fixed ones that somebody else has. */
export interface PortChoice {
  readonly ports: Ports;
  readonly busy: readonly { readonly key: PortKey; readonly port: number }[];
}

// Below the range from which systems give out ports of their own accord.
const highest = 32_000;

/** Keeps every wanted port that is free, and moves the others that may move upwards. */
export function choosePorts(situation: PortSituation): PortChoice {
  const { wanted, fixed } = situation;
  const ports: Record<PortKey, number> = { ...wanted };
  const busy: { key: PortKey; port: number }[] = [];
  const own = new Set<number>();
  const isFree = (key: PortKey, start: number): boolean =>
    portsFrom(key, start, situation).every(
      (port) => !own.has(port) && !situation.isTaken(port) && !situation.isPromised(port),
    );
  const keep = (key: PortKey): void => {
    for (const port of portsFrom(key, ports[key], situation)) own.add(port);
  };
  for (const key of portKeys.filter((each) => fixed.has(each))) {
    for (const port of portsFrom(key, wanted[key], situation))
      if (situation.isTaken(port)) busy.push({ key, port });
    keep(key);
  }
  const rest = portKeys.filter((each) => !fixed.has(each));
  // Before any of them moves, so that none moves onto a port that another could have kept.
  const staying = rest.filter((key) => {
    const stays = isFree(key, wanted[key]);
    if (stays) keep(key);
    return stays;
  });
  for (const key of rest.filter((each) => !staying.includes(each))) {
    const first = wanted[key];
    const found = span(first, Math.max(1, highest - first)).find((start) => isFree(key, start));
    if (found === undefined) busy.push({ key, port: first });
    else ports[key] = found;
    keep(key);
  }
  return { ports, busy };
}

const stored = z.object({
  rwPort: z.number(),
  roPort: z.number(),
  adminPort: z.number(),
  instancePort: z.number(),
  instances: z.number(),
  proxies: z.number(),
});

/**
 * Settles the stack's ports before a deployment: on the first one, free ports are chosen for those that the
 * user has not set, and are kept from then on in the stack's configuration.
 * @throws UserError `port-busy` with every port that is fixed and that somebody else has
 */
export async function settlePorts(
  folder: StackFolder,
  config: StackConfig,
  settings: Settings,
): Promise<Ports> {
  const { ports, busy } = await planPorts(folder, config, settings);
  if (busy.length > 0) throw portBusy(busy, folder.stack);
  const moved = portKeys.filter((key) => ports[key] !== settings[key]);
  config.set(Object.fromEntries(moved.map((key) => [key, String(ports[key])])));
  const extent = { instances: settings.replicas + 1, proxies: settings.proxies };
  writeFileSync(folder.chosenPorts, `${JSON.stringify({ ...ports, ...extent })}\n`, { mode: 0o600 });
  return ports;
}

/** What `settlePorts` would settle on; writes nothing. @throws UserError `docker-unreachable` */
export async function planPorts(
  folder: StackFolder,
  config: StackConfig,
  settings: Settings,
): Promise<PortChoice> {
  const kept = readPorts(folder.chosenPorts);
  const extent = { instances: settings.replicas + 1, proxies: settings.proxies };
  const isSet = (key: PortKey): boolean =>
    config.get(key) !== undefined && config.get(key) !== String(kept?.[key]);
  const wanted: Ports = {
    rwPort: settings.rwPort,
    roPort: settings.roPort,
    adminPort: settings.adminPort,
    instancePort: settings.instancePort,
  };
  const fixed = new Set(portKeys.filter((key) => kept !== undefined || isSet(key)));
  const others = await portsOfOthers(folder);
  const seen = new Set<number>();
  const listening = new Set<number>();
  const look = async (port: number): Promise<void> => {
    seen.add(port);
    if (!others.own.has(port) && (await isListening(settings.bindAddress, port))) listening.add(port);
  };
  for (const key of portKeys) {
    for (const port of portsFrom(key, wanted[key], extent)) await look(port);
  }
  const situation = {
    wanted,
    ...extent,
    fixed,
    isTaken: (port: number) => !others.own.has(port) && (listening.has(port) || others.published.has(port)),
    isPromised: (port: number) => others.kept.has(port),
  };
  let choice = choosePorts(situation);
  // What the choice moved to has not been looked at yet.
  for (;;) {
    const unseen = portKeys
      .flatMap((key) => portsFrom(key, choice.ports[key], extent))
      .filter((port) => !seen.has(port));
    if (unseen.length === 0) break;
    for (const port of unseen) await look(port);
    choice = choosePorts(situation);
  }
  return choice;
}

/** The ports that cannot be had, which key sets each, how to see who has it, and the way out. */
export function portBusy(busy: PortChoice["busy"], stack: string): UserError {
  const lines = busy.map(({ key, port }) => `ecosphere:${key}: port ${port} is in use by another program`);
  const hints = busy.map(({ port }) => `See who has it: ss -ltnp 'sport = :${port}'`);
  const [first] = busy;
  const fix = first && `./ecosphere pulumi config set ${first.key} ${first.port + 1000} --stack ${stack}`;
  return new UserError(
    "port-busy",
    lines.join("\n"),
    [...hints, `End that program, or take another port: ${fix ?? ""}`].join("\n"),
  );
}

function readPorts(path: string): (Ports & Extent) | undefined {
  if (!existsSync(path)) return undefined;
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // A stack that is up keeps its ports: others that were chosen anew would break every client.
    throw new UserError(
      "ports-file",
      `${path} is damaged: it is no JSON`,
      "Remove it when the stack is not up; else write its ports into it, as ./ecosphere status tells them.",
    );
  }
  const parsed = stored.safeParse(text);
  return parsed.success ? parsed.data : undefined;
}

/** Published ports by Docker's own account, ours apart, and what the other stacks of this checkout keep. */
async function portsOfOthers(folder: StackFolder): Promise<{
  readonly own: ReadonlySet<number>;
  readonly published: ReadonlySet<number>;
  readonly kept: ReadonlySet<number>;
}> {
  const own = new Set<number>();
  const published = new Set<number>();
  for (const container of await (await connectDocker()).listContainers()) {
    const isOwn = container.Labels["ecosphere.stack"] === folder.stack;
    for (const { PublicPort: port } of container.Ports) if (port) (isOwn ? own : published).add(port);
  }
  const kept = new Set<number>();
  const stacks = dirname(folder.path);
  for (const name of existsSync(stacks) ? readdirSync(stacks) : []) {
    const ports = name === folder.stack ? undefined : readPorts(join(stacks, name, "ports.json"));
    if (!ports) continue;
    for (const key of portKeys) {
      for (const port of portsFrom(key, ports[key], ports)) kept.add(port);
    }
  }
  return { own, published, kept };
}

/** How many of each there are. */
type Extent = Pick<PortSituation, "instances" | "proxies">;

/** All ports that a key stands for when the first is `first`. */
function portsFrom(key: PortKey, first: number, { instances, proxies }: Extent): readonly number[] {
  return key === "instancePort" ? span(first, instances) : proxyPortsOf(first, proxies);
}

function span(first: number, length: number): number[] {
  return Array.from({ length }, (_, at) => first + at);
}

function isListening(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: Error & { code?: string }) => {
      // Anything else, such as a port that only root may open, is for Docker to answer.
      resolve(error.code === "EADDRINUSE");
    });
    server.listen({ host: address, port, exclusive: true }, () => {
      server.close(() => {
        resolve(false);
      });
    });
  });
}
