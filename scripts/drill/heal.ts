import { messageOf } from "../../lib/errors.ts";
import { liftFileSize, resumeStopped } from "./inside.ts";
import type { Parts } from "./parts.ts";

/** What is not as it should be with a stack's containers; each is a part and a word. */
export async function faultsOf(parts: Parts): Promise<string[]> {
  const found = await Promise.all(
    parts.names().map(async (part) => {
      const { isRunning, isPaused, isConnected } = await parts.state(part);
      if (isPaused) return `${part} is paused`;
      if (!isRunning) return `${part} does not run`;
      return isConnected ? undefined : `${part} is off a network of its own`;
    }),
  );
  return found.filter((fault) => fault !== undefined);
}

/**
 * Brings back whatever a fault may have broken, looking at the containers alone: so it also mends what a drill has
 * left that was killed. Returns what it had to do.
 */
export async function heal(parts: Parts): Promise<string[]> {
  const done: string[] = [];
  // etcd first, as nothing comes up without it. One by one: Docker 20.10 that starts many at once can lose count
  // of a network's endpoints, and then never removes the network.
  const order = ["etcd", "pg", "proxy", "sentinel"].flatMap((kind) => parts.names(kind));
  for (const part of order) {
    const { isRunning, isPaused, isConnected } = await parts.state(part);
    if (isPaused) {
      await parts.thaw(part);
      done.push(`unpaused ${part}`);
    }
    if (!isConnected) {
      await parts.join(part);
      done.push(`connected ${part} to its networks`);
    }
    if (!isRunning) {
      await parts.start(part);
      done.push(`started ${part}`);
    }
  }
  for (const part of parts.names("pg")) {
    // It may be on its way down again; then there is nothing to mend in it.
    if (await resumeStopped(parts, part).catch(never)) done.push(`resumed what was stopped in ${part}`);
    if (await liftFileSize(parts, part).catch(never)) done.push(`gave ${part} room again`);
  }
  return done;
}

function never(error: unknown): boolean {
  if (/is not running|is restarting|is paused|no such/i.test(messageOf(error))) return false;
  throw error;
}
