import { messageOf } from "../errors.ts";
import { PatroniClient } from "./patroni-client.ts";
import type { StackContainers } from "./stack-containers.ts";

/** Free space of an instance's data volume. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** What an instance's container tells of itself, whether PostgreSQL answers or not. */
export interface InstanceHealth {
  readonly disk: DiskSpace | undefined;
  /** What is not well; undefined: nothing. */
  readonly trouble: string | undefined;
}

/** As much may the WAL take that is kept for a lost replica; of a small disk, a tenth counts. */
const scarceBytes = 2 * 1024 ** 3;
const scarceShare = 0.1;

export async function readHealth(containers: StackContainers, instance: string): Promise<InstanceHealth> {
  try {
    const df = ["df", "--block-size=1", "--output=avail,size", "/data/postgres"];
    const [{ stdout }, state] = await Promise.all([
      containers.run(instance, df),
      new PatroniClient(containers).state(instance).catch(() => undefined),
    ]);
    const disk = parseDf(stdout);
    const troubles = [
      ...(state ? describeState(state) : ["Patroni does not answer"]),
      ...(disk && isScarce(disk) ? ["the disk is nearly full"] : []),
    ];
    return { disk, trouble: troubles.length > 0 ? troubles.join(", ") : undefined };
  } catch (error) {
    return { disk: undefined, trouble: messageOf(error) };
  }
}

function describeState(state: Awaited<ReturnType<PatroniClient["state"]>>): readonly string[] {
  const isReplica = state.role === "replica";
  return [
    ...(state.state === "running" ? [] : [`PostgreSQL is ${state.state}`]),
    ...(isReplica && state.replication_state !== "streaming" ? ["it does not stream"] : []),
    ...(state.pending_restart === true ? ["a changed parameter waits for a restart"] : []),
  ];
}

/** The last line of `df --output=avail,size`. */
export function parseDf(text: string): DiskSpace | undefined {
  const [, free, total] = /(\d+)\s+(\d+)\s*$/.exec(text) ?? [];
  return free === undefined ? undefined : { freeBytes: Number(free), totalBytes: Number(total) };
}

/** Whether it is nearly full. */
export function isScarce({ freeBytes, totalBytes }: DiskSpace): boolean {
  return freeBytes < Math.min(scarceBytes, totalBytes * scarceShare);
}
