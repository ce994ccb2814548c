import { tlsFiles } from "../cluster-config/certificates.ts";
import { UserError } from "../errors.ts";
import { eventually } from "../poll.ts";
import { viewParts } from "./cluster-view.ts";
import { StackContainers } from "./stack-containers.ts";

/** Longer than any start of a member; without it the next one must stay. */
const withinMs = 60_000;

/**
 * Patroni tries a request to etcd again for so long. When a second member goes within that time, the primary can find
 * no member that is up to date, and steps down.
 */
const settledMs = 5000;

/**
 * Restarts those of etcd's members that were started before their authorities were written: they read whom they believe
 * when they start, and at no other time. One after the other: all have been healthy for a while before the next one goes, so
 * that two of three are always there, and known to be. @throws UserError `etcd` before one that is not well is left alone
 */
export async function restartMembers(stack: string): Promise<void> {
  const containers = await StackContainers.of(stack);
  const members = containers.parts("etcd");
  const stale: string[] = [];
  for (const member of members) {
    if (await containers.isOlderThan(member, tlsFiles.ca)) stale.push(member);
  }
  if (stale.length === 0) return;
  await untilHealthy(stack, members);
  for (const member of stale) {
    await (await StackContainers.of(stack)).restart(member, 2);
    await untilHealthy(stack, members);
  }
}

async function untilHealthy(stack: string, members: readonly string[]): Promise<void> {
  let wellSince: number | undefined;
  await eventually({ what: "etcd's members", withinMs, everyMs: 250 }, async (observe) => {
    const { unwell } = await viewParts(await StackContainers.of(stack), "etcd", members);
    observe([...unwell].map(([member, reason]) => `${member}: ${reason}`).join(", ") || "all well just now");
    wellSince = unwell.size === 0 ? (wellSince ?? Date.now()) : undefined;
    return wellSince !== undefined && Date.now() - wellSince >= settledMs ? true : undefined;
  }).catch((error: unknown) => {
    throw new UserError(
      "etcd",
      `not every member of etcd is well: ${String(error)}`,
      "./ecosphere logs etcd shows why; run the same command again once it is mended.",
    );
  });
}
