import { connectDocker } from "../../lib/docker.ts";
import type { PendingCreation } from "./stack-state.ts";

/**
 * Removes the containers and networks that a killed run has made and could not note down: their names would
 * stand in the way of the next run. Volumes, which hold the data, are taken as they are. Only what carries
 * the stack's label and a name that was about to be created goes. Returns the names.
 */
export async function removeHalfMade(
  stack: string,
  pending: readonly PendingCreation[],
): Promise<readonly string[]> {
  const named = (type: string): ReadonlySet<string | undefined> =>
    new Set(pending.filter((creation) => creation.type === type).map(({ name }) => name));
  const containers = named("docker:index/container:Container");
  const networks = named("docker:index/network:Network");
  if (containers.size + networks.size === 0) return [];
  const docker = await connectDocker();
  const filters = JSON.stringify({ label: [`ecosphere.stack=${stack}`] });
  const removed: string[] = [];
  for (const { Id: id, Names: names } of await docker.listContainers({ all: true, filters })) {
    const name = names[0]?.slice(1);
    if (name === undefined || !containers.has(name)) continue;
    await docker.getContainer(id).remove({ force: true });
    removed.push(name);
  }
  for (const { Id: id, Name: name } of await docker.listNetworks({ filters })) {
    if (!networks.has(name)) continue;
    await docker.getNetwork(id).remove();
    removed.push(name);
  }
  return removed;
}
