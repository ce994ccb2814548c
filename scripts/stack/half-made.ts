import { connectDocker } from "../../lib/docker.ts";
import type { PendingCreation } from "./stack-state.ts";

/**
 * Removes what a killed run has made and could not note down: its names would stand in the way of the next
 * run. Volumes, which may hold data, go only when they are asked for. Only what carries the stack's label
 * and a name that was about to be created goes. Nobody else may be at work on the stack. Returns the names.
 * @throws UserError `docker-unreachable`
 */
export async function removeHalfMade(
  stack: string,
  pending: readonly PendingCreation[],
  options: { readonly volumes?: boolean } = {},
): Promise<readonly string[]> {
  const named = (type: string): ReadonlySet<string | undefined> =>
    new Set(pending.filter((creation) => creation.type === type).map(({ name }) => name));
  const containers = named("docker:index/container:Container");
  const networks = named("docker:index/network:Network");
  const volumes = options.volumes ? named("docker:index/volume:Volume") : new Set<string | undefined>();
  if (containers.size + networks.size + volumes.size === 0) return [];
  const docker = await connectDocker();
  const filters = JSON.stringify({ label: [`ecosphere.stack=${stack}`] });
  const removed: string[] = [];
  for (const { Id: id, Names: names } of await docker.listContainers({ all: true, filters })) {
    const name = names[0]?.slice(1);
    if (name === undefined || !containers.has(name)) continue;
    await docker.getContainer(id).remove({ force: true, v: true });
    removed.push(name);
  }
  for (const { Id: id, Name: name } of await docker.listNetworks({ filters })) {
    if (!networks.has(name)) continue;
    await docker.getNetwork(id).remove();
    removed.push(name);
  }
  for (const { Name: name } of (await docker.listVolumes({ filters })).Volumes) {
    if (!volumes.has(name)) continue;
    await docker.getVolume(name).remove();
    removed.push(name);
  }
  return removed;
}
